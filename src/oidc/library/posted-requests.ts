// OpenID Connect lets an application post its authorization request (Core §3.1.2.1) and its sign-out request
// (RP-Initiated Logout §2). A post from another site brings no Lax cookie, so it is turned into the GET of
// the same request: then the browser brings its session, and cookies stay Lax.

import type { Middleware } from 'koa'
import { AppError } from '../../errors.js'
import { readBody } from '../../http/form.js'

export function postedRequests(isRequest: (path: string) => boolean): Middleware {
  return async (ctx, next) => {
    if (ctx.method !== 'POST' || !isRequest(ctx.path)) {
      await next()
      return
    }
    if (ctx.is('application/x-www-form-urlencoded') !== 'application/x-www-form-urlencoded') {
      throw new AppError('unsupported-media-type', 415, 'such a request is posted as a form')
    }
    const parameters = new URLSearchParams((await readBody(ctx)).toString())
    ctx.status = 303
    ctx.redirect(`${ctx.path}?${parameters.toString()}`)
  }
}
