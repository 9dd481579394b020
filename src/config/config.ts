// The only reader of the settings: text in, one frozen Config out. Every fault is reported at once, so that
// an operator mends the file in one go.

import { readFileSync } from 'node:fs'
import type { z } from 'zod'
import { AppError } from '../errors.js'
import { readLogo } from '../organisation/logo.js'
import { isSameLabel } from '../organisation/organisation.js'
import { isPlainDatabase, isPlainMail } from './plaintext.js'
import { fromPackage } from './schemas.js'
import type { Setting } from './setting.js'
import { SETTINGS } from './settings.js'
import { misspelt, strangersInFile } from './unknown-settings.js'

const MIN_BCRYPT_COST = 10
/** A header, and the entry in Google Authenticator, have room for so many characters. */
const LONG_NAME = 60

type Settings = typeof SETTINGS

export type Config = Readonly<{ [Name in keyof Settings]: z.output<Settings[Name]['schema']> }>

export type Environment = Readonly<Record<string, string | undefined>>

const SETTING_NAMES = Object.values<Setting>(SETTINGS).map(({ variable }) => variable)

type Options = {
  /** A cheaper hash is an argument, which no environment can give: tests pass it, programs never do. */
  minBcryptCost?: number
  /** All that the file of settings names. */
  namesInFile?: readonly string[]
}

/** Throws one `configuration` AppError whose message lists every fault, a line each. */
export function readConfig(
  environment: Environment,
  { minBcryptCost = MIN_BCRYPT_COST, namesInFile = [] }: Options = {},
): Config {
  const config: Record<string, unknown> = {}
  const names = Object.keys(environment).filter((name) => !namesInFile.includes(name))
  const faults = [...strangersInFile(namesInFile, SETTING_NAMES), ...misspelt(names, SETTING_NAMES)]
  for (const [name, setting] of Object.entries<Setting>(SETTINGS)) {
    const { text, fault } = textOf(setting.variable, environment)
    const parsed = setting.schema.safeParse(text ?? setting.default)
    if (fault !== undefined) faults.push(fault)
    if (parsed.success) config[name] = parsed.data
    else faults.push(...parsed.error.issues.map(({ message }) => `${setting.variable} ${message}`))
  }
  faults.push(...faultsBetween(config, environment, minBcryptCost))
  if (faults.length > 0) throw new AppError('configuration', 500, faults.join('\n'))
  return Object.freeze(config) as Config
}

/** `NAME_FILE` names a file that holds NAME; an empty value counts as not set. */
function textOf(variable: string, environment: Environment): { text?: string | undefined; fault?: string } {
  const path = environment[`${variable}_FILE`] ?? ''
  if (path === '') return { text: environment[variable] || undefined }
  try {
    return { text: readFileSync(fromPackage(path), 'utf8').trim() }
  } catch {
    return { fault: `${variable}_FILE names a file that cannot be read: ${path}` }
  }
}

type Check = [isFault: boolean, line: string]

/** What settings must be to one another; those that are wrong by themselves are missing from `config`. */
function faultsBetween(
  config: Partial<Config>,
  { DEBUG = '', PGHOST }: Environment,
  minBcryptCost: number,
): string[] {
  const {
    passwordMinLength: min = 0,
    passwordMaxLength: max = 64,
    allowPlaintext = [],
    interactionMinutes: interaction = 0,
    sessionIdleMinutes: idle = 60,
  } = config
  const checks: Check[] = [
    [(config.bcryptCost ?? 12) < minBcryptCost, `BCRYPT_COST must be at least ${minBcryptCost}`],
    [max < min, 'PASSWORD_MAX_LENGTH must not be below PASSWORD_MIN_LENGTH'],
    [
      (config.tlsCertFile === undefined) !== (config.tlsKeyFile === undefined),
      'TLS_CERT_FILE goes with TLS_KEY_FILE',
    ],
    // An interaction that outlived the session it began under would end in an error (the session would be
    // gone).
    [interaction >= idle, 'INTERACTION_MINUTES must be below SESSION_IDLE_MINUTES'],
    [
      config.enrolment === 'network' && config.enrolmentNetworks?.length === 0,
      'ENROLMENT_NETWORKS is missing: ENROLMENT=network needs it',
    ],
    [
      isPlainMail(config.smtpUrl ?? '') && !allowPlaintext.includes('mail'),
      'SMTP_URL leads to another machine without TLS: smtps://…, or ?requireTLS=true behind smtp://… ' +
        '(or ALLOW_PLAINTEXT=mail)',
    ],
    [
      isPlainDatabase(config.databaseUrl ?? '', PGHOST) && !allowPlaintext.includes('database'),
      'DATABASE_URL leads to another machine without TLS: ?sslmode=verify-full behind it ' +
        '(or ALLOW_PLAINTEXT=database)',
    ],
    // knex and oidc-provider would print bindings and requests.
    [DEBUG !== '', 'DEBUG must not be set: libraries would print secrets'],
  ]
  return [...checks, ...organisationChecks(config)].filter(([isFault]) => isFault).map(([, line]) => line)
}

function organisationChecks({
  organisationName = '',
  organisationShortName,
  organisationLogo,
  accentColour,
  accentColourDark,
  supportPhones = [],
  supportPhonesEn = [],
  supportHours = [],
}: Partial<Config>): Check[] {
  const labels = supportHours.flatMap(({ label }) => label ?? [])
  const logo = organisationLogo === undefined ? undefined : readLogo(organisationLogo)
  const logoFault = typeof logo === 'string' ? logo : undefined
  const stranger = labels.find((label) => !supportPhones.some((phone) => isSameLabel(phone.label, label)))
  return [
    [
      organisationName.length > LONG_NAME && organisationShortName === undefined,
      `ORGANISATION_SHORT_NAME is missing: an ORGANISATION_NAME above ${LONG_NAME} characters wants one`,
    ],
    [logoFault !== undefined, `ORGANISATION_LOGO ${logoFault}`],
    [
      accentColourDark !== undefined && accentColour === undefined,
      'ACCENT_COLOUR_DARK goes with ACCENT_COLOUR',
    ],
    [
      supportPhonesEn.length > 0 && supportPhonesEn.length !== supportPhones.length,
      `SUPPORT_PHONES_EN must have as many lines as SUPPORT_PHONES: ${supportPhones.length}`,
    ],
    [stranger !== undefined, `SUPPORT_HOURS names «${stranger}», which is no label of SUPPORT_PHONES`],
  ]
}
