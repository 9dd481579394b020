// The last stop for what was thrown: decides the status, logs bugs once, and has the page rendered. Fails
// closed: whatever went wrong, nothing was granted.

import type { Context, Middleware } from 'koa'
import type { Logger } from 'pino'
import { AppError } from '../errors.js'
import { stateOf } from './request-state.js'
import { supportCodeOf } from './support-code.js'

export type Problem = { status: number; code: string; retryAfterSeconds: number | undefined }

export type RenderProblem = (ctx: Context, problem: Problem) => Promise<string>

export function errorPage({ log, render }: { log: Logger; render: RenderProblem }): Middleware {
  async function answer(ctx: Context, problem: Problem): Promise<void> {
    ctx.status = problem.status
    ctx.remove('Location') // a way on that was chosen before the failure
    const supportCode = supportCodeOf(ctx)
    if (problem.retryAfterSeconds !== undefined) ctx.set('Retry-After', String(problem.retryAfterSeconds))
    if (ctx.accepts('html', 'json') === 'json')
      ctx.body = { error: problem.code, request_id: stateOf(ctx).requestId, support_code: supportCode }
    else {
      ctx.type = 'html'
      ctx.body = await render(ctx, problem)
    }
  }

  return async (ctx, next) => {
    try {
      await next()
      if (ctx.status === 404 && (ctx.body === undefined || ctx.body === null))
        await answer(ctx, { status: 404, code: 'not-found', retryAfterSeconds: undefined })
      else if (ctx.status === 405 || ctx.status === 501)
        await answer(ctx, { status: 405, code: 'method-not-allowed', retryAfterSeconds: undefined })
    } catch (error) {
      const problem = problemOf(error)
      const line = { requestId: stateOf(ctx).requestId, supportCode: supportCodeOf(ctx), code: problem.code }
      if (problem.code === 'internal') log.error({ ...line, err: error }, 'request failed')
      else if (problem.status >= 500)
        log.warn({ ...line, message: (error as Error).message }, 'request failed')
      else log.info({ ...line, message: (error as Error).message }, 'request refused')
      await answer(ctx, problem)
    }
  }
}

function problemOf(error: unknown): Problem {
  if (error instanceof AppError || isTemporary(error))
    return { status: error.status, code: error.code, retryAfterSeconds: error.retryAfterSeconds }
  // Koa's own contract, as thrown by the router and body parsers.
  const { status, expose } = error as { status?: unknown; expose?: unknown }
  if (typeof status === 'number' && expose === true && status >= 400 && status < 500)
    return { status, code: 'bad-request', retryAfterSeconds: undefined }
  return { status: 500, code: 'internal', retryAfterSeconds: undefined }
}

/**
 * Something that is needed is away, and says so itself: Koa's `status` 503, with a code and when to try
 * again.
 */
export function isTemporary(error: unknown): error is Problem {
  const { status, code, retryAfterSeconds } = error as Partial<Record<keyof Problem, unknown>>
  return status === 503 && typeof code === 'string' && typeof retryAfterSeconds === 'number'
}
