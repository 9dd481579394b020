// The pages of signing in: cookies, redirects, and what a person sees. The protocol is in oidc/sign-in.ts.

import { randomBytes } from 'node:crypto'
import type { Settings } from '../config.js'
import { seeOther, type Context } from '../context.js'
import { BROWSER_COOKIE, COOKIE_OPTIONS, SESSION_COOKIE } from '../cookies.js'
import type { SignIn, SignInOptions } from '../oidc/sign-in.js'
import { problemPage } from '../pages/problem.js'
import type { Session, Sessions } from '../sessions.js'

export interface SignInHandlersDeps {
  settings: Settings
  signIn: SignIn
  sessions: Sessions
}

/** What is done for whoever is signed in. */
export type SignedInHandler = (ctx: Context, session: Session) => void | Promise<void>

export function createSignInHandlers({ settings, signIn, sessions }: SignInHandlersDeps) {
  /** Anybody else goes straight to the provider, and comes back to the same address. */
  function forSignedIn(handler: SignedInHandler) {
    return async (ctx: Context): Promise<void> => {
      const { session } = ctx.state
      if (session) await handler(ctx, session)
      else await goToProvider(ctx, { returnTo: `${settings.baseUrl}${ctx.path}` })
    }
  }

  /** GET /login: another site asks us to begin (OpenID Connect Core §4). It chooses no provider or site. */
  async function login(ctx: Context): Promise<void> {
    const query = new URLSearchParams(ctx.querystring)
    const issuer = query.get('iss')
    const target = query.get('target_link_uri')
    const isOurIssuer = issuer === null || isSameUrl(issuer, settings.issuerUrl)
    const isOurTarget =
      target === null || (URL.canParse(target) && new URL(target).origin === settings.baseUrl)
    if (!isOurIssuer || !isOurTarget) ctx.throw(400)

    await goToProvider(ctx, {
      loginHint: query.get('login_hint') ?? undefined,
      returnTo: target === null ? undefined : new URL(target).href,
    })
  }

  /** GET /callback: the person comes back with a code, or with a refusal. */
  async function callback(ctx: Context): Promise<void> {
    const result = await signIn.finish(ctx.cookies.get(BROWSER_COOKIE), ctx.querystring)
    if (!result.ok) {
      ctx.status = 400
      ctx.body = problemPage(ctx.state.language, result.refusal)
      return
    }
    sessions.end(ctx.state.session?.id)
    const session = sessions.create(result.identity)
    ctx.cookies.set(SESSION_COOKIE, session.id, COOKIE_OPTIONS)
    seeOther(ctx, result.returnTo)
  }

  /** POST /confirm-identity: step-up, the same person with both factors once more; then the operation. */
  async function confirmIdentity(ctx: Context): Promise<void> {
    const returnTo = `${settings.baseUrl}/direct-deposit`
    await goToProvider(ctx, { toConfirm: ctx.state.session?.claims, returnTo })
  }

  async function goToProvider(ctx: Context, options: SignInOptions = {}): Promise<void> {
    const browser = browserOf(ctx) ?? randomBytes(32).toString('base64url')
    const address = await signIn.begin(browser, { ...options, language: ctx.state.chosenLanguage })
    ctx.cookies.set(BROWSER_COOKIE, browser, COOKIE_OPTIONS)
    seeOther(ctx, address)
  }

  return { forSignedIn, login, callback, confirmIdentity }
}

/** The identifier this browser has from an earlier sign-in, if it looks like one of ours. */
function browserOf(ctx: Context): string | undefined {
  const browser = ctx.cookies.get(BROWSER_COOKIE) ?? ''
  return /^[\w-]{43}$/.test(browser) ? browser : undefined
}

function isSameUrl(one: string, other: string): boolean {
  return URL.canParse(one) && new URL(one).href === new URL(other).href
}
