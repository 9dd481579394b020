// All repositories over one database, and the only door to a transaction. Inside `transaction` use the
// repositories it hands out: on SQLite's single connection a query beside them would wait for the transaction
// that waits for it.

import type { Knex } from 'knex'
import { createAccountsRepository, type AccountsRepository } from './repositories/accounts.js'
import {
  createActivationCodesRepository,
  type ActivationCodesRepository,
} from './repositories/activation-codes.js'
import { createAttemptsRepository, type AttemptsRepository } from './repositories/attempts.js'
import { createAuditEventsRepository, type AuditEventsRepository } from './repositories/audit-events.js'
import {
  createBegunEnrolmentsRepository,
  type BegunEnrolmentsRepository,
} from './repositories/begun-enrolments.js'
import { createClientsRepository, type ClientsRepository } from './repositories/clients.js'
import { createHashersRepository, type HashersRepository } from './repositories/hashers.js'
import { createKnownBrowsersRepository, type KnownBrowsersRepository } from './repositories/known-browsers.js'
import { createConsentsRepository, type ConsentsRepository } from './repositories/consents.js'
import { createLogoutNoticesRepository, type LogoutNoticesRepository } from './repositories/logout-notices.js'
import {
  createPendingPasswordsRepository,
  type PendingPasswordsRepository,
} from './repositories/pending-passwords.js'
import {
  createRefusedRequestsRepository,
  type RefusedRequestsRepository,
} from './repositories/refused-requests.js'
import {
  createResourceServersRepository,
  type ResourceServersRepository,
} from './repositories/resource-servers.js'
import { createSealedSecretsRepository, type SealedSecretsRepository } from './repositories/sealed-secrets.js'
import { createOidcArtifactsRepository, type OidcArtifactsRepository } from './repositories/oidc-artifacts.js'
import { createOutboxRepository, type OutboxRepository } from './repositories/outbox.js'
import { createSealedValuesRepository, type SealedValuesRepository } from './repositories/sealed-values.js'
import { createSecondFactorsRepository, type SecondFactorsRepository } from './repositories/second-factors.js'
import { createStockRepository, type StockRepository } from './repositories/stock.js'
import { createSharedAnswersRepository, type SharedAnswersRepository } from './repositories/shared-answers.js'
import { createSigningKeysRepository, type SigningKeysRepository } from './repositories/signing-keys.js'
import { createWaitingPlacesRepository, type WaitingPlacesRepository } from './repositories/waiting-places.js'
import { changesAlone, changesWithin, unsealed, type AccountSealing, type Change } from './sealed-changes.js'

export type Repositories = {
  accounts: AccountsRepository
  activationCodes: ActivationCodesRepository
  attempts: AttemptsRepository
  auditEvents: AuditEventsRepository
  begunEnrolments: BegunEnrolmentsRepository
  clients: ClientsRepository
  hashers: HashersRepository
  oidcArtifacts: OidcArtifactsRepository
  knownBrowsers: KnownBrowsersRepository
  consents: ConsentsRepository
  logoutNotices: LogoutNoticesRepository
  pendingPasswords: PendingPasswordsRepository
  refusedRequests: RefusedRequestsRepository
  resourceServers: ResourceServersRepository
  sealedSecrets: SealedSecretsRepository
  outbox: OutboxRepository
  sealedValues: SealedValuesRepository
  secondFactors: SecondFactorsRepository
  sharedAnswers: SharedAnswersRepository
  signingKeys: SigningKeysRepository
  stock: StockRepository
  waitingPlaces: WaitingPlacesRepository
}

export type Store = Repositories & {
  /**
   * Commits what `work` did when it returns, undoes it when it throws. Nothing but the database may be
   * awaited inside.
   */
  transaction<T>(work: (repositories: Repositories) => Promise<T>): Promise<T>
  /** Throws when the database does not answer, or takes no change (full, read-only, a standby). */
  checkWritable(now: number): Promise<void>
}

/** Without `sealing` what an account's seal covers is changed, and nobody seals it. */
export function createStore(db: Knex, sealing?: AccountSealing): Store {
  return {
    ...repositoriesOver(db, sealing === undefined ? unsealed(db) : changesAlone(db, sealing)),
    transaction: (work) =>
      db.transaction(async (tx) => {
        if (sealing === undefined) return work(repositoriesOver(tx, unsealed(tx)))
        const { change, seal } = changesWithin(tx, sealing)
        const result = await work(repositoriesOver(tx, change))
        await seal()
        return result
      }),
    checkWritable: async (now) => {
      const changed = await db('readiness').where({ id: 1 }).update({ checkedAt: now })
      if (changed !== 1) throw new Error('the row that readiness is tried on is missing')
    },
  }
}

function repositoriesOver(db: Knex, change: Change): Repositories {
  return {
    accounts: createAccountsRepository(db, change),
    activationCodes: createActivationCodesRepository(db, change),
    attempts: createAttemptsRepository(db),
    auditEvents: createAuditEventsRepository(db),
    begunEnrolments: createBegunEnrolmentsRepository(db),
    clients: createClientsRepository(db),
    hashers: createHashersRepository(db),
    oidcArtifacts: createOidcArtifactsRepository(db),
    knownBrowsers: createKnownBrowsersRepository(db),
    consents: createConsentsRepository(db),
    logoutNotices: createLogoutNoticesRepository(db),
    pendingPasswords: createPendingPasswordsRepository(db),
    refusedRequests: createRefusedRequestsRepository(db),
    resourceServers: createResourceServersRepository(db),
    sealedSecrets: createSealedSecretsRepository(db),
    outbox: createOutboxRepository(db),
    sealedValues: createSealedValuesRepository(db),
    secondFactors: createSecondFactorsRepository(db, change),
    sharedAnswers: createSharedAnswersRepository(db),
    signingKeys: createSigningKeysRepository(db),
    stock: createStockRepository(db),
    waitingPlaces: createWaitingPlacesRepository(db),
  }
}
