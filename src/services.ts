// The services over one database, wired once: the pages and the operator's commands call the same ones.

import type { Knex } from 'knex'
import { availableParallelism } from 'node:os'
import type { Logger } from 'pino'
import { createStore } from '../db/store.js'
import { createAccountActions } from './account-actions/account-actions.js'
import { createMailResending } from './account-actions/resend-mail.js'
import { createProfileUpdate } from './account-actions/update-profile.js'
import { createAccountErasure } from './account-actions/erase-account.js'
import { createRestoration } from './account-actions/restoration.js'
import { createAccountSummaries } from './account-actions/account-summary.js'
import { createPasswordChange } from './account-actions/change-password.js'
import { sealFaultOf, sealOf } from './accounts/account-seal.js'
import { createAccountSeals } from './accounts/account-seals.js'
import { createAccounts } from './accounts/accounts.js'
import { loadBlocklist } from './accounts/blocklist.js'
import { createCredentials } from './accounts/credentials.js'
import { createPendingPasswords } from './accounts/pending-passwords.js'
import { createTemporaryPasswordMail } from './accounts/temporary-password-mail.js'
import { createKnownBrowsers } from './sign-ins/known-browsers.js'
import { createPasswordHasher } from './accounts/password.js'
import { createRememberedPeople } from './sign-ins/remembered-people.js'
import { createSignInNames } from './sign-ins/sign-in-name.js'
import { createHashingCapacity } from './sign-ins/hashing-capacity.js'
import { createSignIns } from './sign-ins/complete.js'
import { createPasswordVerification } from './sign-ins/verify-password.js'
import { createWaitingPlaces } from './sign-ins/waiting-places.js'
import { createAuditLog } from './audit/audit-log.js'
import { createAuditRetention } from './audit/retention.js'
import type { Config } from './config/config.js'
import { createKeyRing } from './key-ring.js'
import { createMailbox } from './mail/mailbox.js'
import type { Metrics } from './metrics/metrics.js'
import { createClients } from './oidc/clients.js'
import { createConsents } from './oidc/consents.js'
import { createClientCheck } from './oidc/library/client-check.js'
import { createRegistration } from './oidc/registration.js'
import { createResourceServers } from './oidc/resource-servers.js'
import { createSessions } from './oidc/sessions.js'
import { createSharedAnswers } from './sign-ins/shared-answers.js'
import { createSigningKeys } from './keys/signing-keys.js'
import { createActivation } from './second-factors/activation.js'
import { networkMatcher } from './networks.js'
import { createOrganisation } from './organisation/organisation.js'
import { createOneTimeCodes } from './second-factors/one-time-codes.js'
import { createSecondFactors } from './second-factors/factors.js'

// libuv has four threads, shared with SQLite: hashes may take three at most, and never more than there are
// cores.
const MOST_HASHES = 3

export type Services = ReturnType<typeof createServices>

/**
 * Without metrics nothing is counted, and without a log nothing is logged: an operator's command ends before
 * anybody could read it.
 */
export function createServices(
  config: Config,
  db: Knex,
  now: () => number,
  metrics?: Metrics,
  log?: Pick<Logger, 'error' | 'warn'>,
) {
  const ring = createKeyRing(config.masterKeys)
  const store = createStore(db, {
    seal: (record) => sealOf(ring, record),
    isIntact: (record) => config.accountSeals === 'write' || sealFaultOf(ring, record) === undefined,
  })
  const audit = createAuditLog({ ring, now })
  const organisation = createOrganisation(config)
  const mailbox = createMailbox({
    ring,
    now,
    defaultLocale: config.defaultLocale,
    async render(kind, locale, values) {
      // Loaded with the first mail: most commands write none.
      const { renderMail } = await import('../interactions/mails/mail.js')
      return renderMail({ organisation, mailFrom: config.mailFrom, now }, kind, locale, values)
    },
  })
  const accountSeals = createAccountSeals({
    store,
    ring,
    audit,
    now,
    mode: config.accountSeals,
    onFault({ account: { id, cip }, why, isRefused }) {
      metrics?.alteredAccounts.inc({ why })
      const say = isRefused ? 'error' : 'warn'
      log?.[say]({ account: id, cip, why, isRefused }, 'an account was changed past this program')
    },
  })
  const hasher = createPasswordHasher({
    ring,
    cost: config.bcryptCost,
    version: config.accountSeals === 'enforce' ? 'v2' : 'v1',
    concurrency: Math.min(availableParallelism(), MOST_HASHES),
  })
  const clients = createClients({
    store,
    audit,
    ring,
    now,
    check: createRegistration({
      store,
      library: createClientCheck(config.issuerUrl),
      internalHosts: config.internalHosts,
    }),
  })
  const { endAll: endSessions } = createSessions({ ring, now })
  const consents = createConsents({ store, audit, endSessions, now })
  const resourceServers = createResourceServers({ store, audit, now })
  const rules = {
    minLength: config.passwordMinLength,
    maxLength: config.passwordMaxLength,
    organisationNames: organisation.names,
    get blocklist() {
      return loadBlocklist() // when somebody first chooses a password
    },
  }
  const { cipPattern, temporaryPasswordHours, timeZone, issuerUrl } = config
  const knownBrowsers = createKnownBrowsers({ store, ring, now })
  const credentials = createCredentials({ store, seals: accountSeals, hasher, now, temporaryPasswordHours })
  const postTemporaryPassword = createTemporaryPasswordMail({
    mailbox,
    rules,
    timeZone,
    listApplications: async (tx, locale) => {
      const applications = await clients.applications(locale, tx)
      return applications.length > 0 ? applications : [{ name: organisation.nameIn(locale), url: issuerUrl }]
    },
  })
  const hashingCapacity = createHashingCapacity({ store, hasher, now })
  const passwords = createPasswordVerification({
    store,
    audit,
    mailbox,
    credentials,
    ring,
    knownBrowsers,
    isSharedNetwork: networkMatcher(config.sharedNetworks),
    freeFailures: () => hashingCapacity.freeFailures(),
    now,
    countPassword: (outcome) => metrics?.passwords.inc({ outcome }),
  })
  const waitingPlaces = createWaitingPlaces({ store, now })
  const enrolmentRules = {
    mode: config.enrolment,
    isTrustedNetwork: networkMatcher(config.enrolmentNetworks),
    dormantDays: config.dormantDays,
  }
  const activation = createActivation({ store, audit, ring, now, rules: enrolmentRules })
  const accounts = createAccounts({
    store,
    audit,
    seals: accountSeals,
    credentials,
    postTemporaryPassword,
    now,
    cipPattern,
  })
  const pendingPasswords = createPendingPasswords({
    store,
    audit,
    accounts,
    credentials,
    postTemporaryPassword,
  })
  const secondFactors = createSecondFactors({
    store,
    audit,
    mailbox,
    ring,
    spendActivation: (...args) => activation.spend(...args),
    now,
    organisationName: organisation.shortNameIn(config.defaultLocale),
    timeZone,
  })
  const oneTimeCodes = createOneTimeCodes({ store, audit, mailbox, ring, now, timeZone })
  const signIns = createSignIns({
    store,
    audit,
    knownBrowsers,
    secondFactors,
    oneTimeCodes,
    now,
    countSignIn: () => metrics?.signIns.inc(),
    countCode: (outcome) => metrics?.oneTimeCodes.inc({ outcome }),
  })
  const signingKeys = createSigningKeys({ store, audit, ring, now })
  const accountActions = createAccountActions({
    store,
    seals: accountSeals,
    audit,
    mailbox,
    credentials,
    postTemporaryPassword,
    secondFactors,
    activation,
    endSessions,
    now,
  })
  const accountSummaries = createAccountSummaries({
    store,
    seals: accountSeals,
    passwords,
    oneTimeCodes,
    enrolment: config.enrolment,
    now,
  })
  return {
    store,
    ring,
    audit,
    auditRetention: createAuditRetention({ store, audit }),
    mailbox,
    accountSeals,
    hasher,
    clients,
    consents,
    resourceServers,
    accounts,
    pendingPasswords,
    accountActions,
    accountErasure: createAccountErasure({ store, audit, endSessions }),
    restoration: createRestoration({ store, audit, endSessions, now }),
    profileUpdate: createProfileUpdate({ store, audit, mailbox, now }),
    mailResending: createMailResending({ store, seals: accountSeals, audit, mailbox, now }),
    accountSummaries,
    passwordChange: createPasswordChange({ store, audit, mailbox, credentials, endSessions, rules }),
    credentials,
    knownBrowsers,
    rememberedPeople: createRememberedPeople({ accounts, knownBrowsers, ring, now }),
    passwords,
    nameSignIn: createSignInNames(ring),
    signIns,
    secondFactors,
    oneTimeCodes,
    activation,
    signingKeys,
    sharedAnswers: createSharedAnswers({ store, ring, now }),
    waitingPlaces,
    hashingCapacity,
  }
}
