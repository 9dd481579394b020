// Reads a posted form: small, urlencoded, each field one string. What is not so is answered 4xx here and
// reaches no page.

import type { Context } from 'koa'
import { getRawBody, type RawBodyError } from 'raw-body'
import { AppError } from '../errors.js'

export const MAX_BODY_BYTES = 16 * 1024
const MAX_FIELDS = 50
const MAX_FIELD_LENGTH = 1000
const MAX_TOKEN_LENGTH = 4000

/** Fields by name; a field that was not sent is undefined. */
export type Form = Readonly<Record<string, string | undefined>>

const LONG_FIELDS = new Set(['csrf', 'xsrf'])

export async function readForm(ctx: Context): Promise<Form> {
  if (ctx.get('Content-Encoding') !== '')
    throw new AppError('unsupported-media-type', 415, 'compressed bodies are not read')
  if (ctx.is('application/x-www-form-urlencoded') !== 'application/x-www-form-urlencoded') {
    throw new AppError('unsupported-media-type', 415, 'a form must be application/x-www-form-urlencoded')
  }
  return parseForm(await readBody(ctx))
}

/** At most 16 KiB; throws `payload-too-large` beyond, and 400 for one that was cut off. */
export async function readBody(ctx: Context): Promise<Buffer> {
  try {
    return await getRawBody(ctx.req, { length: ctx.get('Content-Length') || null, limit: MAX_BODY_BYTES })
  } catch (cause) {
    if ((cause as RawBodyError).type !== 'entity.too.large') throw cause
    throw new AppError('payload-too-large', 413, 'the form is too large', { cause })
  }
}

/** Pure. Throws `bad-request` for repeated, nested, over-long or undecodable fields. */
export function parseForm(body: Buffer): Form {
  const text = decodeUtf8(body)
  const pairs = text === '' ? [] : text.split('&')
  if (pairs.length > MAX_FIELDS) throw badRequest('too many fields')
  const form: Record<string, string> = Object.create(null) as Record<string, string>
  for (const pair of pairs) {
    const separator = pair.indexOf('=')
    const name = decodeComponent(separator < 0 ? pair : pair.slice(0, separator))
    const value = decodeComponent(separator < 0 ? '' : pair.slice(separator + 1))
    if (!/^[A-Za-z_]{1,40}$/.test(name)) throw badRequest('a field name is not one of a form of ours')
    if (name in form) throw badRequest(`the field ${name} stands twice`)
    if (value.length > (LONG_FIELDS.has(name) ? MAX_TOKEN_LENGTH : MAX_FIELD_LENGTH))
      throw badRequest(`the field ${name} is too long`)
    // PostgreSQL stores no NUL; a lone surrogate cannot be encoded again.
    if (value.includes('\0') || !value.isWellFormed())
      throw badRequest(`the field ${name} holds what is no text`)
    form[name] = value
  }
  return form
}

function decodeUtf8(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw badRequest('the form is not UTF-8')
  }
}

function decodeComponent(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw badRequest('a field is not encoded properly')
  }
}

function badRequest(message: string): AppError {
  return new AppError('bad-request', 400, message)
}
