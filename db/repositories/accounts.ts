// Accounts as they are stored. Every change that may race names the credential epoch it was decided under.

import type { Knex } from 'knex'

export type StoredAccount = {
  id: string
  cip: string
  name: string
  email: string
  locale: string | null
  phoneNumber: string | null
  address: string | null
  passwordHash: string | null
  passwordSetAt: number | null
  temporaryPasswordExpiresAt: number | null
  credentialEpoch: number
  epochChangedBy: string | null
  disabledAt: number | null
  createdAt: number
  lastSignInAt: number | null
  activationRequiredAt: number | null
  /** What was issued to a sign-in before it counts no more. */
  sessionsEndedAt: number | null
}

type NewPassword = { passwordHash: string; passwordSetAt: number; temporaryPasswordExpiresAt: number | null }

export type AccountsRepository = ReturnType<typeof createAccountsRepository>

export function createAccountsRepository(db: Knex) {
  const accounts = () => db<StoredAccount>('accounts')
  return {
    /** False when the CIP is taken. */
    async insert(account: StoredAccount): Promise<boolean> {
      const inserted = await accounts().insert(account).onConflict('cip').ignore().returning('id')
      return inserted.length === 1
    },

    findById: (id: string): Promise<StoredAccount | undefined> => accounts().where({ id }).first(),

    findByCip: (cip: string): Promise<StoredAccount | undefined> => accounts().where({ cip }).first(),

    list: (): Promise<StoredAccount[]> => accounts().orderBy('cip'),

    /** True while it still is `epoch` and not disabled. Inside a transaction: it stays so until its end. */
    async lock(id: string, epoch: number): Promise<boolean> {
      const rows = await accounts()
        .where({ id, credentialEpoch: epoch, disabledAt: null })
        .forUpdate()
        .select('id')
      return rows.length === 1
    },

    /**
     * Raises the credential epoch, if it still is `epoch` and the account is not disabled. The number of rows
     * decides between two requests that both saw the same epoch.
     */
    async raiseEpoch(
      id: string,
      epoch: number,
      changedBy: string | null,
      changes: Partial<NewPassword & Pick<StoredAccount, 'activationRequiredAt'>> = {},
    ): Promise<boolean> {
      const changed = await accounts()
        .where({ id, credentialEpoch: epoch, disabledAt: null })
        .update({ credentialEpoch: epoch + 1, epochChangedBy: changedBy, ...changes })
      return changed === 1
    },

    /** The same, whatever the epoch: for an operator, who overrules a person's open sign-in. */
    async resetEpoch(
      id: string,
      changes: Partial<NewPassword & Pick<StoredAccount, 'activationRequiredAt'>> = {},
    ): Promise<void> {
      await accounts()
        .where({ id })
        .update({ ...changes, epochChangedBy: null })
        .increment('credentialEpoch', 1)
    },

    /** Stores the same password under stronger parameters, unless it was changed meanwhile. */
    async replaceHash(id: string, oldHash: string, newHash: string): Promise<void> {
      await accounts().where({ id, passwordHash: oldHash }).update({ passwordHash: newHash })
    },

    async setDisabled(id: string, disabledAt: number | null): Promise<boolean> {
      const query = accounts().where({ id })
      const changed = await (
        disabledAt === null ? query.whereNotNull('disabledAt') : query.whereNull('disabledAt')
      ).update(disabledAt === null ? { disabledAt } : { disabledAt, sessionsEndedAt: disabledAt })
      return changed === 1
    },

    async endSessions(id: string, sessionsEndedAt: number): Promise<void> {
      await accounts().where({ id }).update({ sessionsEndedAt })
    },

    /** The same, unless they were ended later already. */
    async endSessionsBefore(id: string, sessionsEndedAt: number): Promise<void> {
      await accounts()
        .where({ id })
        .where(
          (row) => void row.whereNull('sessionsEndedAt').orWhere('sessionsEndedAt', '<', sessionsEndedAt),
        )
        .update({ sessionsEndedAt })
    },

    /** Returns when its sessions were last ended. */
    async recordSignIn(id: string, lastSignInAt: number, locale?: string): Promise<number | null> {
      const [row] = await accounts()
        .where({ id })
        .update({ lastSignInAt, ...(locale === undefined ? {} : { locale }) })
        .returning('sessionsEndedAt')
      return row?.sessionsEndedAt ?? null
    },
  }
}
