// Two locks on our own forms: the browser must say the post comes from our own pages, and the form must carry
// a token bound to the interaction (or session) it was made for. Protocol endpoints are cross-site by
// specification and not checked here.

import type { Context, Middleware } from 'koa'
import type { KeyRing } from '../key-ring.js'
import { AppError } from '../errors.js'
import type { Form } from './form.js'

const OWN_FORMS = /^\/(interaction|account|help-desk|session\/end\/confirm|device)(\/|$)/

export function sameOriginPosts(issuerUrl: string): Middleware {
  const { origin } = new URL(issuerUrl)
  return async (ctx, next) => {
    if (ctx.method === 'POST' && OWN_FORMS.test(ctx.path) && !comesFrom(ctx, origin)) {
      throw new AppError('cross-site-request', 403, 'the form was not sent from a page of ours')
    }
    await next()
  }
}

/**
 * Sec-Fetch-Site where the browser sends it; Origin for the others. A client that sends neither is no browser
 * with cookies to steal.
 */
function comesFrom(ctx: Context, origin: string): boolean {
  const site = ctx.get('Sec-Fetch-Site')
  const sentOrigin = ctx.get('Origin')
  return (site === '' || site === 'same-origin') && (sentOrigin === '' || sentOrigin === origin)
}

export type Csrf = ReturnType<typeof createCsrf>

export function createCsrf(ring: KeyRing) {
  return {
    /**
     * `page` names what the page belongs to beside that (one person's sign-in); it comes back with the form.
     */
    token: (boundTo: string, page?: string): string =>
      [ring.mac('csrf', boundTo), ...(page === undefined ? [] : [page])].join('.'),

    /** Throws 403 for a form without a valid token; returns what its page belongs to. */
    check(form: Form, boundTo: string): string | undefined {
      const [mac = '', page] = (form['csrf'] ?? '').split('.')
      if (!ring.verifyMac('csrf', boundTo, mac))
        throw new AppError('cross-site-request', 403, 'the form has no valid token')
      return page
    },
  }
}
