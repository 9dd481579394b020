// Around the addresses of a sign-in: what becomes of a request whose interaction is not to be had. A session
// that lapsed under it sends the person through /auth again; a browser that brings no cookie is asked once
// whether it takes any; whoever comes too late is led on to the application.

import type { Context, Middleware } from 'koa'
import { lastingCookie } from '../../src/http/lasting-cookie.js'
import { parseCip } from '../../src/accounts/cip.js'
import { AppError } from '../../src/errors.js'
import { readForm } from '../../src/http/form.js'
import type { LostSignIns } from '../site/lost.js'
import type { WaysOn } from '../site/way-on.js'
import { paramsOf, redirect, type Interactions } from './interaction.js'

const ASKED = 'cookies'
const PROBE_SECONDS = 60

type Dependencies = {
  interactions: Interactions
  lost: LostSignIns
  waysOn: WaysOn
  isHttps: boolean
}

export function aroundLostInteractions({ interactions, lost, waysOn, isHttps }: Dependencies): Middleware {
  const probe = isHttps ? '__Host-probe' : 'laissez-passer-probe'

  /** Once: the address says whether the browser was asked already, so nothing goes round. */
  function askForCookies(ctx: Context): void {
    if (ctx.query[ASKED] !== undefined) {
      const isTaken = ctx.cookies.get(probe, { signed: false }) !== undefined
      throw isTaken
        ? new AppError('other-browser', 400, 'the interaction was begun in another browser')
        : new AppError('cookies-refused', 400, 'the browser takes no cookies')
    }
    ctx.cookies.set(probe, 'asked', lastingCookie({ isHttps, keptMs: PROBE_SECONDS * 1000 }))
    const query = new URLSearchParams(ctx.querystring)
    query.set(ASKED, 'asked')
    redirect(ctx, `${ctx.path}?${query.toString()}`)
  }

  async function answer(ctx: Context): Promise<boolean> {
    const uid = paramsOf(ctx).uid ?? ''
    const isVisit = ctx.method !== 'POST'
    const brought = interactions.broughtBy(ctx)
    if (brought === uid) {
      const request = await interactions.requestOf(uid)
      if (request !== undefined) {
        redirect(ctx, request)
        return true
      }
    } else if (isVisit && ctx.accepts('html', 'json') !== 'json' && (await waysOn.isUnderWay(uid))) {
      if (brought !== undefined) throw new AppError('other-browser', 400, 'the cookie of another sign-in')
      askForCookies(ctx)
      return true
    }
    return lost.answer(ctx, isVisit ? undefined : await typedCip(ctx))
  }

  return async (ctx, next) => {
    try {
      await next()
    } catch (error) {
      const isLost = error instanceof AppError && error.code === 'interaction-not-found'
      if (!isLost || !(await answer(ctx))) throw error
    }
  }
}

/** Undefined for another form than that of the sign-in page; empty for what is no CIP: it may be a password. */
async function typedCip(ctx: Context): Promise<string | undefined> {
  if (paramsOf(ctx).step !== 'password' || ctx.req.readableEnded) return undefined
  const { cip = '' } = await readForm(ctx)
  return parseCip(cip) ?? ''
}
