// Two locks on everything that a post of ours changes: the browser must say that it comes from our own pages,
// whatever the address, and a form must carry a token bound to the interaction (or session) it was made for.

import type { Context, Middleware } from 'koa'
import { randomId, type KeyRing } from '../key-ring.js'
import { AppError } from '../errors.js'
import type { Form } from './form.js'

/** RFC 9110 §9.2.1: these change nothing. */
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS'])

const RANDOM_ID = /^[\w-]{22}$/

type Dependencies = {
  issuerUrl: string
  /** The protocol's own endpoints, which other sites post to by specification. */
  takesForeignPosts: (path: string) => boolean
}

export function sameOriginPosts({ issuerUrl, takesForeignPosts }: Dependencies): Middleware {
  const { origin } = new URL(issuerUrl)
  return async (ctx, next) => {
    const isOpen = SAFE_METHODS.has(ctx.method) || (ctx.method === 'POST' && takesForeignPosts(ctx.path))
    if (!isOpen && !comesFrom(ctx, origin))
      throw new AppError('cross-site-request', 403, 'the form was not sent from a page of ours')
    await next()
  }
}

/**
 * Sec-Fetch-Site where the browser sends it, whose word a page cannot forge: beside it an Origin may be
 * hidden (`null`), but not another. Origin alone from older browsers. A client that sends neither is no
 * browser with cookies to steal.
 */
function comesFrom(ctx: Context, origin: string): boolean {
  const site = ctx.get('Sec-Fetch-Site')
  const sentOrigin = ctx.get('Origin')
  if (sentOrigin === 'null') return site === 'same-origin'
  return (site === '' || site === 'same-origin') && (sentOrigin === '' || sentOrigin === origin)
}

export type Csrf = ReturnType<typeof createCsrf>

export function createCsrf(ring: KeyRing) {
  return {
    /**
     * Another one each time a page is drawn. `page` names what the page belongs to beside that (one person's
     * sign-in); it comes back with the form.
     */
    token: (boundTo: string, page?: string): string =>
      [ring.mac('csrf', boundTo), page ?? '', randomId()].join('.'),

    /** Throws 403 for a form without a valid token; returns what its page belongs to. */
    check(form: Form, boundTo: string): string | undefined {
      const [mac = '', page = '', drawn] = (form['csrf'] ?? '').split('.')
      // Pages of an older version, which one instance may still draw, end without it.
      const isWhole = drawn === undefined || RANDOM_ID.test(drawn)
      if (!isWhole || !ring.verifyMac('csrf', boundTo, mac))
        throw new AppError('cross-site-request', 403, 'the form has no valid token')
      return page === '' ? undefined : page
    },
  }
}
