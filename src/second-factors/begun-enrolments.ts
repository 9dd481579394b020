// The QR codes that an account was shown. Whoever lost the page is shown another one when they come back, and
// their phone then has an entry whose codes serve nothing: it is recognised and named, never accepted. Kept
// are the ids of interactions, sealed; the secrets are derived again.

import type { StoredBegunEnrolment } from '../../db/repositories/begun-enrolments.js'
import type { Repositories } from '../../db/store.js'
import type { Account } from '../accounts/accounts.js'
import type { Locale } from '../i18n.js'
import type { KeyRing } from '../key-ring.js'
import { markOf } from './authenticator-entry.js'
import { openReadable } from './open-readable.js'
import { pendingSecret } from './pending-secret.js'

/** So long, and so many of an account: each is one more secret that a wrong code is compared with. */
export const BEGUN_ENROLMENT_KEPT_MS = 90 * 24 * 3_600_000
export const MOST_BEGUN_ENROLMENTS = 8

type Dependencies = { ring: KeyRing; now: () => number }

export function createBegunEnrolments({ ring, now }: Dependencies) {
  /** Another key, another secret: so another row. */
  const idOf = ({ id, credentialEpoch }: Account, interaction: string): string =>
    ring.mac('lookup', ['begun-enrolment', id, credentialEpoch, interaction].join(':'))

  const boundTo = ({ accountId, idHash }: Pick<StoredBegunEnrolment, 'accountId' | 'idHash'>): string =>
    `${accountId}/${idHash}`

  const list = (tx: Pick<Repositories, 'begunEnrolments'>, { id }: Account) =>
    tx.begunEnrolments.list(id, now() - BEGUN_ENROLMENT_KEPT_MS, MOST_BEGUN_ENROLMENTS)

  /** Throws when its master key has left the ring, or the row was tampered with. */
  function open(row: StoredBegunEnrolment): { secret: Buffer; mark: string } {
    const interaction = ring.open('begun-enrolment', boundTo(row), row.sealedInteraction).toString()
    return { secret: pendingSecret(ring, { ...row, interaction }, row.keyId), mark: row.mark }
  }

  return {
    /**
     * Remembers that this interaction's QR code is shown. `mark` stays what it was when it was shown first;
     * `earlier` are those of the ones before it, the newest first.
     */
    async begin(
      store: Pick<Repositories, 'begunEnrolments'>,
      account: Account,
      interaction: string,
      { locale, timeZone }: { locale: Locale; timeZone: string },
    ): Promise<{ mark: string; earlier: string[] }> {
      const idHash = idOf(account, interaction)
      const mark = markOf(now(), locale, timeZone)
      let rows = await list(store, account)
      if (!rows.some((row) => row.idHash === idHash)) {
        const { id: accountId, credentialEpoch } = account
        const sealedInteraction = ring.seal('begun-enrolment', boundTo({ accountId, idHash }), interaction)
        await store.begunEnrolments.insert({
          idHash,
          accountId,
          credentialEpoch,
          sealedInteraction,
          keyId: ring.writingKeyId,
          mark,
          begunAt: now(),
        })
        await store.begunEnrolments.deleteBeyond(accountId, MOST_BEGUN_ENROLMENTS)
        rows = await list(store, account)
      }
      return {
        mark: rows.find((row) => row.idHash === idHash)?.mark ?? mark,
        earlier: rows.filter((row) => row.idHash !== idHash).map((row) => row.mark),
      }
    },

    /** Those before the QR code of `present`, the newest first. */
    async listEarlier(tx: Repositories, account: Account, present: string): Promise<StoredBegunEnrolment[]> {
      const own = idOf(account, present)
      return (await list(tx, account)).filter(({ idHash }) => idHash !== own)
    },

    open,

    /** What the entry of this secret bears in the authenticator; undefined when that is not remembered. */
    async markOf(
      store: Pick<Repositories, 'begunEnrolments'>,
      account: Account,
      secret: Buffer,
    ): Promise<string | undefined> {
      return openReadable(await list(store, account), open).find((one) => one.secret.equals(secret))?.mark
    },
  }
}
