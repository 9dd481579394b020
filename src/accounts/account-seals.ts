// Looks at the seals of accounts whenever a decision is based on one: what does not fit is refused and
// alarmed. Seals what was there before seals, takes the seals over to a new master key, and seals again what
// an operator vouches for.

import type { AccountRecord } from '../../db/account-records.js'
import type { Repositories, Store } from '../../db/store.js'
import type { Actor } from '../audit/actor.js'
import type { AuditEvent, AuditLog } from '../audit/audit-log.js'
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

const BATCH = 100
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

  /**
   * Seals those of `ids` that `choose` finds good, as they stand, and records what `tell` says of each. Some
   * at a time, under their locks: people sign in meanwhile. Returns how many.
   */
  async function sealThose(
    ids: readonly string[],
    choose: (record: AccountRecord) => boolean,
    tell: (account: Account) => AuditEvent[],
  ): Promise<number> {
    let sealed = 0
    for (let start = 0; start < ids.length; start += BATCH)
      sealed += await store.transaction(async (tx) => {
        const accounts: Account[] = []
        for (const id of ids.slice(start, start + BATCH)) {
          const record = await tx.accounts.lockRecord(id)
          if (record === undefined || !choose(record)) continue
          await tx.accounts.writeSeal(id, sealOf(ring, record))
          accounts.push(record.account)
        }
        await audit.record(tx, ...accounts.flatMap(tell))
        return accounts.length
      })
    return sealed
  }

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
    sealOlder: async (actor: Actor): Promise<number> =>
      sealThose(
        await store.accounts.listUnsealed(),
        (record) =>
          record.account.seal === null &&
          record.newestEpochDetails !== null &&
          newestEpoch(record) === undefined,
        (account) => [
          { event: 'account.sealed', actor, account, details: { epoch: account.credentialEpoch } },
        ],
      ),

    /** Under the key that writes now; one that does not fit keeps its own, and stays refused. */
    renew: async (): Promise<number> =>
      sealThose(
        await store.accounts.listSealedUnderOther(ring.writingKeyId),
        (record) => sealFaultOf(ring, record) === undefined,
        () => [],
      ),

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
        const mended = await tx.accounts.findRecord({ id: account.id })
        if (mended === undefined) return undefined
        await tx.accounts.writeSeal(account.id, sealOf(ring, mended))
        const details = { why, epoch: mended.account.credentialEpoch }
        await audit.record(tx, { event: 'account.resealed', actor, account, reason, details })
        return why
      }),
  }
}
