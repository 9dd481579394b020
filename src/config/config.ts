// The only reader of the settings: text in, one frozen Config out. Every fault is reported at once, so that
// an operator mends the file in one go.

import { readFileSync } from 'node:fs'
import type { MasterKey } from '../key-ring.js'
import { AppError } from '../errors.js'
import { faultsBetween, settings, type SupportPhone, type Values } from './settings.js'

export type { SupportPhone }

export type Config = Readonly<{
  issuerUrl: string
  host: string
  port: number
  databaseUrl: string
  masterKeys: readonly MasterKey[]
  tls: { certFile: string; keyFile: string } | undefined
  trustedProxyHops: number
  smtpUrl: string | undefined
  mailFrom: string
  organisationName: string
  supportPhones: readonly SupportPhone[]
  defaultLocale: 'fr-CA' | 'en'
  timeZone: string
  cipPattern: RegExp | undefined
  passwordMinLength: number
  passwordMaxLength: number
  bcryptCost: number
  enrolment: 'open' | 'activation-code' | 'network'
  enrolmentNetworks: readonly string[]
  temporaryPasswordHours: number
  dormantDays: number
  interactionMinutes: number
  sessionIdleMinutes: number
  sessionMaxHours: number
  /**
   * Hosts (with port) inside the organisation that the provider may call: sign-out notices, a client's keys.
   */
  internalHosts: readonly string[]
  logLevel: string
}>

export type Environment = Readonly<Record<string, string | undefined>>

/** Throws one `configuration` AppError whose message lists every fault, a line each. */
export function readConfig(environment: Environment): Config {
  const { values, faults } = withFiles(environment)
  const value: Partial<Values> = {}
  for (const [name, schema] of Object.entries(settings)) {
    const parsed = schema.safeParse(values[name])
    if (parsed.success) Object.assign(value, { [name]: parsed.data })
    else faults.push(...parsed.error.issues.map(({ message }) => `${name} ${message}`))
  }
  faults.push(...faultsBetween(value))
  if (faults.length > 0) throw new AppError('configuration', 500, faults.join('\n'))
  return toConfig(value as Values)
}

function toConfig(value: Values): Config {
  return Object.freeze({
    issuerUrl: value.ISSUER_URL,
    host: value.HOST,
    port: value.PORT,
    databaseUrl: value.DATABASE_URL,
    masterKeys: value.MASTER_KEYS,
    tls:
      value.TLS_CERT_FILE !== undefined && value.TLS_KEY_FILE !== undefined
        ? { certFile: value.TLS_CERT_FILE, keyFile: value.TLS_KEY_FILE }
        : undefined,
    trustedProxyHops: value.TRUSTED_PROXY_HOPS,
    smtpUrl: value.SMTP_URL,
    mailFrom: value.MAIL_FROM,
    organisationName: value.ORGANISATION_NAME,
    supportPhones: value.SUPPORT_PHONES,
    defaultLocale: value.DEFAULT_LOCALE,
    timeZone: value.TIME_ZONE,
    cipPattern: value.CIP_PATTERN,
    passwordMinLength: value.PASSWORD_MIN_LENGTH,
    passwordMaxLength: value.PASSWORD_MAX_LENGTH,
    bcryptCost: value.BCRYPT_COST,
    enrolment: value.ENROLMENT,
    enrolmentNetworks: value.ENROLMENT_NETWORKS,
    temporaryPasswordHours: value.TEMPORARY_PASSWORD_HOURS,
    dormantDays: value.DORMANT_DAYS,
    interactionMinutes: value.INTERACTION_MINUTES,
    sessionIdleMinutes: value.SESSION_IDLE_MINUTES,
    sessionMaxHours: value.SESSION_MAX_HOURS,
    internalHosts: value.INTERNAL_HOSTS,
    logLevel: value.LOG_LEVEL,
  })
}

/** `NAME_FILE` names a file that holds NAME; an empty value counts as not set. */
function withFiles(environment: Environment): { values: Record<string, string>; faults: string[] } {
  const values: Record<string, string> = {}
  const faults: string[] = []
  for (const name of Object.keys(settings)) {
    const path = environment[`${name}_FILE`]
    const direct = environment[name]
    try {
      if (path !== undefined && path !== '') values[name] = readFileSync(path, 'utf8').trim()
      else if (direct !== undefined && direct !== '') values[name] = direct
    } catch {
      faults.push(`${name}_FILE names a file that cannot be read: ${path}`)
    }
  }
  return { values, faults }
}
