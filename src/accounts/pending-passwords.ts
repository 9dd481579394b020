// The first password of whoever came by an import is made when the mail that brings it can go: the import
// waits for no hash, and the password's time does not run while its mail stands behind thousands. One
// transaction issues it and writes the mail; a process that dies before that leaves the account waiting.

import type { SeenRow } from '../../db/queue.js'
import type { StoredMail } from '../../db/repositories/outbox.js'
import type { PendingPassword } from '../../db/repositories/pending-passwords.js'
import type { Store } from '../../db/store.js'
import { ITSELF } from '../audit/actor.js'
import type { AuditLog } from '../audit/audit-log.js'
import { deliverDue, type Delivery, type QueuePolicy } from '../queue.js'
import type { Account, AccountsService } from './accounts.js'
import type { CredentialsService } from './credentials.js'
import { BACKGROUND } from './hashing-line.js'
import type { PostTemporaryPassword } from './temporary-password-mail.js'

const MAIL = 'account-created'

/** While so many of the latest mails wait, no further password is made: its time would run out on the way. */
const MOST_AHEAD = 50
/** But one in so long: fifty addresses that no server takes must not hold up thousands behind them. */
const TRIAL_MS = 5 * 60_000

/** One hash at a time: whoever signs in finds the other cores free. Who came by an import never stops waiting. */
const POLICY: QueuePolicy = {
  firstWaitMs: 30_000,
  factor: 1,
  longestWaitMs: 30_000,
  giveUpAfterMs: Infinity,
  claimMs: 2 * 60_000,
  batch: 20,
  atOnce: 1,
}

type Dependencies = {
  store: Store
  audit: AuditLog
  accounts: AccountsService
  credentials: CredentialsService
  postTemporaryPassword: PostTemporaryPassword
}

export function createPendingPasswords({
  store,
  audit,
  accounts,
  credentials,
  postTemporaryPassword,
}: Dependencies) {
  /** Issues one, or lets go of it where the account has got a password some other way, is disabled or gone. */
  async function issue(claimed: SeenRow, signal?: AbortSignal): Promise<void> {
    if (!awaitsPassword(await accounts.findById(claimed.id))) {
      await store.pendingPasswords.take(claimed)
      return
    }
    const issued = await credentials.prepareTemporary(claimed.id, { caller: BACKGROUND, signal })
    await store.transaction(async (tx) => {
      // The account first, as in every act.
      const account = (await tx.accounts.lockRecord(claimed.id))?.account
      if (!(await tx.pendingPasswords.take(claimed))) throw new Error('another process has taken it over')
      if (!awaitsPassword(account)) return
      const epoch = await credentials.set(tx, account, issued.prepared)
      await postTemporaryPassword(tx, MAIL, account, issued)
      const details = { delivered: 'mail', epoch }
      await audit.record(tx, { event: 'password.issued', actor: ITSELF, account, details })
    })
  }

  return {
    issue,

    /** Issues as many as their mails can go; returns how many accounts wait no more. */
    issueDue: (delivery: Omit<Delivery<PendingPassword>, 'deliver'>): Promise<number> =>
      deliverDue(
        {
          ...store.pendingPasswords,
          async listDue(now, limit) {
            const due = await store.pendingPasswords.listDue(now, limit)
            if (due.length === 0) return []
            return due.slice(0, roomAfter(await store.outbox.listLatest(MAIL, MOST_AHEAD), now))
          },
        },
        POLICY,
        { ...delivery, deliver: issue },
      ),
  }
}

/** How many more may be made, as the latest mails fare; pure. */
function roomAfter(latest: readonly StoredMail[], now: number): number {
  const waiting = latest.filter(({ sentAt, abandonedAt }) => sentAt === null && abandonedAt === null)
  if (waiting.length < MOST_AHEAD) return MOST_AHEAD - waiting.length
  return now - (latest[0]?.createdAt ?? 0) < TRIAL_MS ? 0 : 1
}

/** Who was given one some other way, or is disabled, waits for none. */
export const awaitsPassword = (account: Account | undefined): account is Account =>
  account !== undefined && account.passwordHash === null && account.disabledAt === null
