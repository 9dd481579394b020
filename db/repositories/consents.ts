// What a person has allowed a third-party application, by account and client.

import type { Knex } from 'knex'

export type StoredConsent = { accountId: string; clientId: string; granted: string; grantedAt: number }

export type ConsentsRepository = ReturnType<typeof createConsentsRepository>

export function createConsentsRepository(db: Knex) {
  const consents = () => db<StoredConsent>('consents')
  return {
    async save(consent: StoredConsent): Promise<void> {
      await consents().insert(consent).onConflict(['accountId', 'clientId']).merge()
    },

    find: (accountId: string, clientId: string): Promise<StoredConsent | undefined> =>
      consents().where({ accountId, clientId }).first(),

    listByAccount: (accountId: string): Promise<StoredConsent[]> =>
      consents().where({ accountId }).orderBy('clientId'),

    async remove(accountId: string, clientId: string): Promise<boolean> {
      return (await consents().where({ accountId, clientId }).delete()) === 1
    },
  }
}
