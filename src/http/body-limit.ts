// Bodies are small here, the library's endpoints included: a length must be given and be modest, and nothing
// comes compressed.

import type { Middleware } from 'koa'
import { AppError } from '../errors.js'
import { MAX_BODY_BYTES } from './form.js'

export function bodyLimit(): Middleware {
  return async (ctx, next) => {
    if (ctx.get('Content-Encoding') !== '')
      throw new AppError('unsupported-media-type', 415, 'compressed bodies are not read')
    // Without a length the library would read up to 56 KiB before it says no.
    if (ctx.get('Transfer-Encoding') !== '')
      throw new AppError('length-required', 411, 'a body needs a Content-Length')
    if (Number(ctx.get('Content-Length')) > MAX_BODY_BYTES)
      throw new AppError('payload-too-large', 413, 'the body is too large')
    await next()
  }
}
