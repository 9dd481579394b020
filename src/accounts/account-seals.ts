// Looks at the seals of accounts whenever a decision is based on one: what does not fit is refused and
// alarmed. Seals what was there before seals, takes the seals over to a new master key, and seals again what
// an operator vouches for.

import type { AccountRecord } from '../../db/account-records.js'
import type { Repositories, Store } from '../../db/store.js'
import type { Actor } from '../audit/actor.js'
import type { AuditLog } from '../audit/audit-log.js'
import type { KeyRing } from '../key-ring.js'
import type { Account } from './accounts.js'
import { newestEpoch, sealFaultOf, sealOf, type SealFault } from './account-seal.js'

/**
 * `write`: for as long as a program runs beside that knows nothing of seals; what does not fit is told of,
 * not refused.
 */
export type SealMode = 'write' | 'enforce'

export type FoundFault = { account: Account; why: SealFault; isRefused: boolean }

export type AccountSeals = ReturnType<typeof createAccountSeals>

type Dependencies = {
  store: Store
  ring: KeyRing
  audit: AuditLog
  now: () => number
  mode: SealMode
  /** Logs and counts it. */
  onFault: (found: FoundFault) => void
}

const BATCH = 200
/** One audit event an account in so long: whoever can write to the database must not fill it this way. */
const ALARM_EVERY_MS = 10 * 60_000
const MOST_ALARMS = 1_000
const WATCH: Actor = { name: 'laissez-passer', clientAddress: 'seal' }

/** All that do not fit, for an operator who asks. */
export async function listSealFaults({
  store,
  ring,
}: Pick<Dependencies, 'store' | 'ring'>): Promise<{ account: Account; why: SealFault }[]> {
  const faults: { account: Account; why: SealFault }[] = []
  for await (const record of allRecords(store)) {
    const why = sealFaultOf(ring, record)
    if (why !== undefined) faults.push({ account: record.account, why })
  }
  return faults
}

async function* allRecords(store: Store): AsyncGenerator<AccountRecord> {
  let batch = await store.accounts.listRecordsAfter('', BATCH)
  while (batch.length > 0) {
    yield* batch
    batch = await store.accounts.listRecordsAfter(batch.at(-1)?.account.id ?? '', BATCH)
  }
}

export function createAccountSeals({ store, ring, audit, now, mode, onFault }: Dependencies) {
  const alarmedAt = new Map<string, number>()

  async function alarm(account: Account, why: SealFault): Promise<void> {
    onFault({ account, why, isRefused: mode === 'enforce' })
    if (mode === 'write' || now() - (alarmedAt.get(account.id) ?? -Infinity) < ALARM_EVERY_MS) return
    if (alarmedAt.size >= MOST_ALARMS) alarmedAt.clear()
    alarmedAt.set(account.id, now())
    await store.transaction((tx) =>
      audit.record(tx, {
        event: 'account.altered',
        outcome: 'refused',
        actor: WATCH,
        account,
        details: { why },
      }),
    )
  }

  /** Seals it as it stands, inside a transaction that holds its lock, and says so in the audit log. */
  async function vouchFor(
    tx: Repositories,
    id: string,
    event: { event: 'account.sealed' | 'account.resealed'; actor: Actor; reason?: string },
    details: Record<string, string>,
  ): Promise<void> {
    const record = await tx.accounts.findRecord({ id })
    if (record === undefined) return
    const { account } = record
    await tx.accounts.writeSeal(id, sealOf(ring, record))
    await audit.record(tx, { ...event, account, details: { ...details, epoch: account.credentialEpoch } })
  }

  /** One transaction an account: people sign in meanwhile. True when `work` has sealed it. */
  const underLock = (
    id: string,
    work: (tx: Repositories, record: AccountRecord) => Promise<boolean>,
  ): Promise<boolean> =>
    store.transaction(async (tx) => {
      const record = await tx.accounts.lockRecord(id)
      return record !== undefined && work(tx, record)
    })

  return {
    faultOf: (record: AccountRecord): SealFault | undefined => sealFaultOf(ring, record),

    /** False for one that must not be trusted; whoever asks refuses, and the alarm is raised here. */
    async isTrusted(record: AccountRecord): Promise<boolean> {
      const why = sealFaultOf(ring, record)
      if (why === undefined) return true
      await alarm(record.account, why)
      return mode === 'write'
    },

    /**
     * Seals what an older program has left: accounts whose creation is in the audit log, and of which it
     * tells no epoch yet. Any other without a seal was planted, or robbed of it, and stays refused. Returns
     * how many.
     */
    async sealOlder(actor: Actor): Promise<number> {
      let sealed = 0
      for (const id of await store.accounts.listUnsealed()) {
        const isSealed = await underLock(id, async (tx, record) => {
          const isOlder = record.newestEpochDetails !== null && newestEpoch(record) === undefined
          if (record.account.seal !== null || !isOlder) return false
          await vouchFor(tx, id, { event: 'account.sealed', actor }, {})
          return true
        })
        if (isSealed) sealed += 1
      }
      return sealed
    },

    /** Under the key that writes now; one that does not fit keeps its own, and stays refused. */
    async renew(): Promise<number> {
      let renewed = 0
      for await (const { account } of allRecords(store)) {
        if (account.seal?.startsWith(`${ring.writingKeyId}.`) !== false) continue
        const isRenewed = await underLock(account.id, async (tx, record) => {
          if (sealFaultOf(ring, record) !== undefined) return false
          await tx.accounts.writeSeal(account.id, sealOf(ring, record))
          return true
        })
        if (isRenewed) renewed += 1
      }
      return renewed
    },

    /**
     * An operator vouches for the account as it stands. Whatever was begun with it before is over: its epoch
     * goes beyond every one that was told of, and every session ends.
     */
    reseal: (
      account: Account,
      actor: Actor,
      reason: string,
      endSessions: (tx: Repositories, accountId: string) => Promise<void>,
    ): Promise<SealFault | undefined> =>
      store.transaction(async (tx) => {
        const record = await tx.accounts.lockRecord(account.id)
        if (record === undefined) return undefined
        const why = sealFaultOf(ring, record)
        if (why === undefined) return undefined
        const behind = (newestEpoch(record) ?? 0) - record.account.credentialEpoch
        await tx.accounts.resetEpoch(account.id, {}, Math.max(behind, 0) + 1)
        await endSessions(tx, account.id)
        await vouchFor(tx, account.id, { event: 'account.resealed', actor, reason }, { why })
        return why
      }),
  }
}
