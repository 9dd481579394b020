// Which QR codes an account was shown, by their interactions. The newest few of each account.

import type { Knex } from 'knex'
import { deleteSome } from '../delete-some.js'

export type StoredBegunEnrolment = {
  idHash: string
  accountId: string
  credentialEpoch: number
  sealedInteraction: string
  keyId: string
  mark: string
  begunAt: number
}

export type BegunEnrolmentsRepository = ReturnType<typeof createBegunEnrolmentsRepository>

export function createBegunEnrolmentsRepository(db: Knex) {
  const begun = () => db<StoredBegunEnrolment>('begun_enrolments')
  const newestOf = (accountId: string) =>
    begun().where({ accountId }).orderBy('begunAt', 'desc').orderBy('idHash')

  return {
    /** Leaves the row as it is where the page was shown before. */
    async insert(row: StoredBegunEnrolment): Promise<void> {
      await begun().insert(row).onConflict('idHash').ignore()
    },

    /** The newest first. */
    list: (accountId: string, since: number, most: number): Promise<StoredBegunEnrolment[]> =>
      newestOf(accountId).where('begunAt', '>=', since).limit(most),

    /** Keeps the account's newest `most`. */
    deleteBeyond: (accountId: string, most: number): Promise<number> =>
      begun()
        .where({ accountId })
        .whereNotIn('idHash', newestOf(accountId).select('idHash').limit(most))
        .delete(),

    deleteOlder: (before: number, limit: number): Promise<number> =>
      deleteSome(db, () => begun().where('begunAt', '<', before), ['idHash'], limit),
  }
}
