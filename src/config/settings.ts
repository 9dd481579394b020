// What each setting may be, and what settings must be to one another. Pure: values come in as text, faults go
// out as lines.

import { z } from 'zod'
import type { MasterKey } from '../key-ring.js'
import { networkMatcher } from '../networks.js'

export type SupportPhone = { label: string; number: string }

const MASTER_KEY_BYTES = 32
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])

const wholeNumber = (fallback: number, min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be between ${min} and ${max}`)
    .default(fallback)

const issuer = z.string({ error: 'is missing' }).superRefine((value, context) => {
  const url = URL.parse(value)
  if (url === null || !/^https?:$/.test(url.protocol))
    context.addIssue('must be an absolute http or https address')
  else if (url.protocol === 'http:' && !LOOPBACK.has(url.hostname))
    context.addIssue('must be https unless the host is localhost or 127.0.0.1')
  else if (url.href !== `${url.origin}/` || value.endsWith('/'))
    context.addIssue('must be an origin alone, without path, query or final slash')
})

const databaseUrl = z
  .string()
  .regex(/^(sqlite:.+|postgres(ql)?:\/\/.+)$/, 'must be sqlite:<path> or postgres://…')
  .default('sqlite:data/laissez-passer.db')

const masterKeys = z
  .string({ error: 'is missing: `npm run cli -- keys generate` makes one' })
  .transform((text, context): MasterKey[] => {
    const keys = text.split(',').map((entry) => {
      const separator = entry.indexOf(':')
      return {
        id: entry.slice(0, separator).trim(),
        key: Buffer.from(entry.slice(separator + 1).trim(), 'base64'),
      }
    })
    if (keys.some(({ id }) => !/^[A-Za-z0-9-]{1,32}$/.test(id)))
      context.addIssue('must be id:base64[,id:base64…], ids of 1 to 32 letters, digits or -')
    else if (keys.some(({ key }) => key.length !== MASTER_KEY_BYTES))
      context.addIssue(`each key must be ${MASTER_KEY_BYTES} bytes in base64`)
    else if (keys.some(({ key }) => new Set(key).size < 8))
      context.addIssue('a key is too regular to be random')
    // SQLite finds the rows of a key by LIKE, which knows no capitals.
    else if (new Set(keys.map(({ id }) => id.toLowerCase())).size !== keys.length)
      context.addIssue('each id may stand once, capitals or not')
    return keys
  })

const supportPhones = z
  .string()
  .default('De l’interne : poste 13232; Sherbrooke et environs : 819-829-3232; Sans frais : 1-833-829-3232')
  .transform((text, context): SupportPhone[] =>
    text
      .split(';')
      .filter((entry) => entry.trim() !== '')
      .map((entry) => {
        const separator = entry.lastIndexOf(':')
        if (separator < 1) context.addIssue('must be «label : number», separated by ;')
        return { label: entry.slice(0, separator).trim(), number: entry.slice(separator + 1).trim() }
      }),
  )

const pattern = z.string().transform((source, context): RegExp => {
  try {
    return new RegExp(`^(?:${source})$`, 'u')
  } catch {
    context.addIssue('must be a regular expression')
    return /$^/
  }
})

const networks = z
  .string()
  .default('')
  .transform((text, context): string[] => {
    const list = text
      .split(',')
      .map((network) => network.trim())
      .filter((network) => network !== '')
    try {
      networkMatcher(list)
    } catch {
      context.addIssue('must be addresses or CIDR blocks, separated by commas')
    }
    return list
  })

const timeZone = z.string().default('America/Toronto').refine(isTimeZone, 'must be an IANA time zone')

export const settings = {
  ISSUER_URL: issuer,
  HOST: z.string().default('localhost'),
  PORT: wholeNumber(3000, 0, 65535),
  DATABASE_URL: databaseUrl,
  MASTER_KEYS: masterKeys,
  TLS_CERT_FILE: z.string().optional(),
  TLS_KEY_FILE: z.string().optional(),
  TRUSTED_PROXY_HOPS: wholeNumber(0, 0, 10),
  SMTP_URL: z
    .string()
    .regex(/^smtps?:\/\/.+/, 'must be smtp://… or smtps://…')
    .optional(),
  MAIL_FROM: z.string().default('Laissez-passer <ne-pas-repondre@localhost>'),
  ORGANISATION_NAME: z.string().min(1).max(60).default('CIUSSS de démonstration'),
  SUPPORT_PHONES: supportPhones,
  DEFAULT_LOCALE: z.enum(['fr-CA', 'en']).default('fr-CA'),
  TIME_ZONE: timeZone,
  CIP_PATTERN: pattern.optional(),
  PASSWORD_MIN_LENGTH: wholeNumber(14, 8, 64),
  PASSWORD_MAX_LENGTH: wholeNumber(20, 14, 64),
  BCRYPT_COST: wholeNumber(12, 4, 16),
  ENROLMENT: z.enum(['open', 'activation-code', 'network']).default('open'),
  ENROLMENT_NETWORKS: networks,
  TEMPORARY_PASSWORD_HOURS: wholeNumber(72, 1, 24 * 30),
  DORMANT_DAYS: wholeNumber(90, 1, 3650),
  INTERACTION_MINUTES: wholeNumber(25, 5, 60),
  SESSION_IDLE_MINUTES: wholeNumber(30, 5, 60),
  SESSION_MAX_HOURS: wholeNumber(12, 1, 24),
  INTERNAL_HOSTS: z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((host) => host.trim())
        .filter((host) => host !== ''),
    ),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  NODE_ENV: z.string().optional(),
  DEBUG: z.string().optional(),
}

export type Values = { [Name in keyof typeof settings]: z.infer<(typeof settings)[Name]> }

/** What settings must be to one another; those that are wrong by themselves are missing from `value`. */
export function faultsBetween(value: Partial<Values>): string[] {
  const {
    PASSWORD_MIN_LENGTH: min = 0,
    PASSWORD_MAX_LENGTH: max = 64,
    INTERACTION_MINUTES: interaction = 0,
    SESSION_IDLE_MINUTES: idle = 60,
  } = value
  const checks: [isFault: boolean, line: string][] = [
    [(value.BCRYPT_COST ?? 12) < 10 && value.NODE_ENV !== 'test', 'BCRYPT_COST must be at least 10'],
    [max < min, 'PASSWORD_MAX_LENGTH must not be below PASSWORD_MIN_LENGTH'],
    [
      (value.TLS_CERT_FILE === undefined) !== (value.TLS_KEY_FILE === undefined),
      'TLS_CERT_FILE goes with TLS_KEY_FILE',
    ],
    // An interaction that outlived the session it began under would end in an error (the session would be
    // gone).
    [interaction >= idle, 'INTERACTION_MINUTES must be below SESSION_IDLE_MINUTES'],
    [
      value.ENROLMENT === 'network' && value.ENROLMENT_NETWORKS?.length === 0,
      'ENROLMENT_NETWORKS is missing: ENROLMENT=network needs it',
    ],
    // knex and oidc-provider would print bindings and requests.
    [value.DEBUG !== undefined && value.DEBUG !== '', 'DEBUG must not be set: libraries would print secrets'],
  ]
  return checks.filter(([isFault]) => isFault).map(([, line]) => line)
}

function isTimeZone(value: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: value })
    return true
  } catch {
    return false
  }
}
