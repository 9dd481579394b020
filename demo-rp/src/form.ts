// The body of a POST, read as a form.

import rawBody from 'raw-body'
import type { Context } from './context.js'

const MAX_BODY_BYTES = 32_768

/** Throws as Koa expects it: 413 when the form is too long. A body that is no form is an empty form. */
export async function readForm(ctx: Context): Promise<URLSearchParams> {
  if (!ctx.is('urlencoded')) return new URLSearchParams()
  const { length } = ctx.request
  return new URLSearchParams(await rawBody(ctx.req, { length, limit: MAX_BODY_BYTES, encoding: 'utf-8' }))
}
