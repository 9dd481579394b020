// Accounts as they are stored. Every change that may race names the credential epoch it was decided under;
// every change of what the seal covers goes through `change` (sealed-changes.ts).

import type { Knex } from 'knex'
import { readAccountRecords, type AccountRecord } from '../account-records.js'
import type { Change } from '../sealed-changes.js'

export type StoredAccount = {
  id: string
  cip: string
  name: string
  givenName: string | null
  familyName: string | null
  email: string
  locale: string | null
  zoneinfo: string | null
  phoneNumber: string | null
  /** JSON: the members of the OpenID Connect address. */
  address: string | null
  /** JSON: the names of its groups, in order. */
  groups: string | null
  passwordHash: string | null
  passwordSetAt: number | null
  temporaryPasswordExpiresAt: number | null
  credentialEpoch: number
  epochChangedBy: string | null
  disabledAt: number | null
  createdAt: number
  /** Of what is said about the person; null: as it was created. */
  updatedAt: number | null
  lastSignInAt: number | null
  activationRequiredAt: number | null
  /** What was issued to a sign-in before it counts no more. */
  sessionsEndedAt: number | null
  /** See account-records.ts; null until it is sealed. */
  seal: string | null
}

type NewPassword = { passwordHash: string; passwordSetAt: number; temporaryPasswordExpiresAt: number | null }

/** What is said about a person. */
export type StoredProfile = Pick<
  StoredAccount,
  'name' | 'givenName' | 'familyName' | 'email' | 'locale' | 'zoneinfo' | 'phoneNumber' | 'address' | 'groups'
>

export type AccountsRepository = ReturnType<typeof createAccountsRepository>

export function createAccountsRepository(db: Knex, change: Change) {
  const accounts = (over: Knex = db) => over<StoredAccount>('accounts')
  /** Changes that the seal covers. */
  const changing = <T>(id: string, work: (account: Knex.QueryBuilder) => Promise<T>): Promise<T> =>
    change(id, (over) => work(accounts(over).where({ id })))

  /** With all that its seal speaks of. */
  const findRecord = async (by: { id: string } | { cip: string }): Promise<AccountRecord | undefined> => {
    const records = await readAccountRecords(db, (all) =>
      'id' in by ? all.where('accounts.id', by.id) : all.where('accounts.cip', by.cip),
    )
    return records[0]
  }

  async function insertAll(all: readonly StoredAccount[]): Promise<string[]> {
    const ids = all.map(({ id }) => id)
    const inserted = await change(ids, (over) =>
      accounts(over).insert(all).onConflict('cip').ignore().returning('id'),
    )
    return inserted.map(({ id }) => id)
  }

  return {
    /** False when the CIP is taken. */
    insert: async (account: StoredAccount): Promise<boolean> => (await insertAll([account])).length === 1,

    /** A few hundred at most. Returns the ids of those whose CIP was free. */
    insertAll,

    findById: (id: string): Promise<StoredAccount | undefined> => accounts().where({ id }).first(),

    findByCip: (cip: string): Promise<StoredAccount | undefined> => accounts().where({ cip }).first(),

    findRecord,

    listByCips: (cips: readonly string[]): Promise<StoredAccount[]> => accounts().whereIn('cip', cips),

    list: (): Promise<StoredAccount[]> => accounts().orderBy('cip'),

    /** All of them, some at a time: those whose ids come after `id`. */
    listRecordsAfter: async (id: string, limit: number): Promise<AccountRecord[]> => {
      const ids = await accounts().where('id', '>', id).orderBy('id').limit(limit).pluck('id')
      return readAccountRecords(db, (all) => all.whereIn('accounts.id', ids))
    },

    /** Only inside a transaction: nobody else changes it until the end. */
    async lockRecord(id: string): Promise<AccountRecord | undefined> {
      await accounts().where({ id }).forUpdate().first('id')
      return findRecord({ id })
    },

    /** For whoever has looked at the record and vouches for it; all others let `change` do it. */
    async writeSeal(id: string, seal: string): Promise<void> {
      await accounts().where({ id }).update({ seal })
    },

    listUnsealed: (): Promise<string[]> => accounts().whereNull('seal').orderBy('id').pluck('id'),

    listSealedUnderOther: (keyId: string): Promise<string[]> =>
      accounts().whereNot('seal', 'like', `${keyId}.%`).orderBy('id').pluck('id'),

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
    raiseEpoch: (
      id: string,
      epoch: number,
      changedBy: string | null,
      changes: Partial<NewPassword & Pick<StoredAccount, 'activationRequiredAt'>> = {},
    ): Promise<boolean> =>
      changing(id, async (account) => {
        const changed: number = await account
          .where({ credentialEpoch: epoch, disabledAt: null })
          .update({ credentialEpoch: epoch + 1, epochChangedBy: changedBy, ...changes })
        return changed === 1
      }),

    /**
     * The same, whatever the epoch: for an operator, who overrules a person's open sign-in. Returns the new
     * epoch.
     */
    resetEpoch: (
      id: string,
      changes: Partial<NewPassword & Pick<StoredAccount, 'activationRequiredAt'>> = {},
      by = 1,
    ): Promise<number> =>
      changing(id, async (account) => {
        const [row] = await account
          .update({ ...changes, epochChangedBy: null })
          .increment('credentialEpoch', by)
          .returning<Pick<StoredAccount, 'credentialEpoch'>[]>('credentialEpoch')
        return row?.credentialEpoch ?? 0
      }),

    setProfile: (id: string, profile: Partial<StoredProfile>, updatedAt: number): Promise<void> =>
      changing(id, async (account) => {
        await account.update({ ...profile, updatedAt })
      }),

    /** Stores the same password under stronger parameters, unless it was changed meanwhile. */
    replaceHash: (id: string, oldHash: string, newHash: string): Promise<void> =>
      changing(id, async (account) => {
        await account.where({ passwordHash: oldHash }).update({ passwordHash: newHash })
      }),

    setDisabled: (id: string, disabledAt: number | null): Promise<boolean> =>
      changing(id, async (account) => {
        const query =
          disabledAt === null ? account.whereNotNull('disabledAt') : account.whereNull('disabledAt')
        const changed: number = await query.update(
          disabledAt === null ? { disabledAt } : { disabledAt, sessionsEndedAt: disabledAt },
        )
        return changed === 1
      }),

    /** With what refers to it: factors, activation codes, known browsers, consents. */
    async remove(id: string): Promise<boolean> {
      return (await accounts().where({ id }).delete()) === 1
    },

    endSessions: (id: string, sessionsEndedAt: number): Promise<void> =>
      changing(id, async (account) => {
        await account.update({ sessionsEndedAt })
      }),

    /** The same, unless they were ended later already. */
    endSessionsBefore: (id: string, sessionsEndedAt: number): Promise<void> =>
      changing(id, async (account) => {
        await account
          .where(
            (row) => void row.whereNull('sessionsEndedAt').orWhere('sessionsEndedAt', '<', sessionsEndedAt),
          )
          .update({ sessionsEndedAt })
      }),

    /** Returns when its sessions were last ended. */
    async recordSignIn(id: string, lastSignInAt: number, locale?: string): Promise<number | null> {
      const [row] = await accounts()
        .where({ id })
        .update({ lastSignInAt, ...(locale === undefined ? {} : { locale, updatedAt: lastSignInAt }) })
        .returning('sessionsEndedAt')
      return row?.sessionsEndedAt ?? null
    },
  }
}
