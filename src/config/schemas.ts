// The forms a setting can have: text in, a value or a fault out. Each says in words what it takes, for the
// pages made from the table. Pure, but for where the program lives: a relative path begins there, whatever
// folder the program was started from.

import { resolve } from 'node:path'
import { z } from 'zod'
import type { MasterKey } from '../key-ring.js'
import { isEverywhere, networkMatcher } from '../networks.js'
import { packageRoot } from './package-root.js'

const MASTER_KEY_BYTES = 32
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])

export const text = z.string().describe('text')

export const fromPackage = (path: string): string => resolve(packageRoot(), path)

export const path = z.string().transform(fromPackage).optional().describe('a path')

/** As a mail's From has it. */
export const sender = z
  .string()
  .regex(
    /^([^<>"]*<[^<>@\s]+@[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+)$/,
    'must be a name <address@domain>, or an address',
  )
  .describe('`Name <address@domain>`')

export const oneOf = <const Value extends string>(...values: Value[]) =>
  z.enum(values).describe(values.map((value) => `\`${value}\``).join(', '))

export const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be between ${min} and ${max}`)
    .describe(`${min} to ${max}`)

export const optional = <Schema extends z.ZodType<unknown, string>>(schema: Schema) =>
  schema.optional().describe(schema.description ?? '')

export const issuer = z
  .string({ error: 'is missing' })
  .superRefine((value, context) => {
    const url = URL.parse(value)
    if (url === null || !/^https?:$/.test(url.protocol))
      context.addIssue('must be an absolute http or https address')
    else if (url.protocol === 'http:' && !LOOPBACK.has(url.hostname))
      context.addIssue('must be https unless the host is localhost or 127.0.0.1')
    else if (url.href !== `${url.origin}/` || value.endsWith('/'))
      context.addIssue('must be an origin alone, without path, query or final slash')
  })
  .describe('`https://…`')

export const databaseUrl = z
  .string()
  .regex(/^(sqlite:.+|postgres(ql)?:\/\/.+)$/, 'must be sqlite:<path> or postgres://…')
  .refine((value) => value.startsWith('sqlite:') || URL.canParse(value), 'cannot be read as an address')
  .transform((value) => value.replace(/^sqlite:(.+)$/, (_, file: string) => `sqlite:${fromPackage(file)}`))
  .describe('`sqlite:<path>` or `postgres://…`')

export const masterKeys = z
  .string({ error: 'is missing: `npm run cli -- keys generate` makes one' })
  .transform((value, context): readonly MasterKey[] => {
    const keys = value.split(',').map((entry) => {
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
  .describe(`\`id:base64[,id:base64…]\`, ${MASTER_KEY_BYTES} bytes each`)

export const smtpUrl = z
  .string()
  .regex(/^smtps?:\/\/.+/, 'must be smtp://… or smtps://…')
  .refine((value) => URL.canParse(value), 'cannot be read as an address')
  .optional()
  .describe('`smtp://…` or `smtps://…`')

/** As RFC 6750 §2.1 writes it, and too long to be guessed. */
export const bearerToken = z
  .string()
  .regex(/^[A-Za-z0-9._~+/-]{32,}=*$/, 'must be 32 letters, digits or . _ ~ + / - at least')
  .optional()
  .describe('32 letters and digits, or more')

export const timeZone = z
  .string()
  .refine(isTimeZone, 'must be an IANA time zone')
  .describe('an IANA time zone')

export const pattern = z
  .string()
  .transform((source, context): RegExp => {
    try {
      return new RegExp(`^(?:${source})$`, 'iu') // whatever it is written in: a CIP is in small letters
    } catch {
      context.addIssue('must be a regular expression')
      return /$^/
    }
  })
  .optional()
  .describe('a regular expression')

const itemsOf = (value: string): readonly string[] =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')

export const networks = z
  .string()
  .transform((value, context): readonly string[] => {
    const list = itemsOf(value)
    try {
      networkMatcher(list)
      if (list.some(isEverywhere)) context.addIssue('must name networks of yours, not a whole internet')
    } catch {
      context.addIssue('must be addresses or CIDR blocks, separated by commas')
    }
    return list
  })
  .describe('addresses or CIDR blocks, separated by commas')

export const hosts = z
  .string()
  .transform(itemsOf)
  .refine((items) => items.every(isHost), 'must be hosts with their port, separated by commas')
  .transform((items) => items.map((item) => new URL(`https://${item}`).host)) // as every address is compared
  .describe('hosts with their port, separated by commas')

export const kindsOf = <const Kind extends string>(...kinds: Kind[]) =>
  z
    .string()
    .transform((value, context): readonly Kind[] => {
      const items = itemsOf(value)
      const known = kinds.filter((kind) => items.includes(kind))
      if (known.length < items.length) context.addIssue(`must be any of ${kinds.join(', ')}`)
      return known
    })
    .describe(`${kinds.map((kind) => `\`${kind}\``).join(', ')}, separated by commas`)

/** A single one, as it stands in an address: no network, no pattern. */
const isHost = (item: string): boolean =>
  /^[a-z0-9.:[\]-]+$/i.test(item) && URL.parse(`http://${item}`) !== null

function isTimeZone(value: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: value })
    return true
  } catch {
    return false
  }
}
