// Secrets that must stay the same while master keys change, by name. Sealed; made once.

import type { Knex } from 'knex'

export type SealedSecretsRepository = ReturnType<typeof createSealedSecretsRepository>

export function createSealedSecretsRepository(db: Knex) {
  const secrets = () => db<{ name: string; sealedValue: string }>('sealed_secrets')
  return {
    async find(name: string): Promise<string | undefined> {
      return (await secrets().where({ name }).first())?.sealedValue
    },

    /** The first of several processes wins; the others read what it wrote. */
    async addIfMissing(name: string, sealedValue: string): Promise<void> {
      await secrets().insert({ name, sealedValue }).onConflict('name').ignore()
    },
  }
}
