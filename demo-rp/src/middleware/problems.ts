// Where everything that is thrown ends: as a page in the person's language and, if the fault is the
// provider's or our own, as the application's event `error`. Koa's contract holds: `status` and `expose` say
// what may be answered.

import { HttpError } from 'koa'
import type { Middleware } from '../context.js'
import { ProviderUnavailable } from '../oidc/provider.js'
import { problemPage, type Problem } from '../pages/problem.js'

export const problems: Middleware = async (ctx, next) => {
  try {
    await next()
    if (ctx.status === 404) ctx.throw(404)
  } catch (error) {
    const { status, reason } = problemOf(error)
    ctx.status = status
    ctx.body = problemPage(ctx.state.language, { reason })
    if (status === 413) ctx.set('Connection', 'close') // nobody reads the rest of the body
    if (status >= 500) ctx.app.emit('error', error, ctx)
  }
}

function problemOf(error: unknown): { status: number; reason: Problem['reason'] } {
  if (error instanceof ProviderUnavailable) return { status: 503, reason: 'provider-unavailable' }
  if (!(error instanceof HttpError && error.expose)) return { status: 500, reason: 'bug' }
  return { status: error.status, reason: error.status === 404 ? 'not-found' : 'bad-link' }
}
