// The door: wires the rooms, finds the route, sets the headers every answer carries, and turns refusals into pages.

import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { createAttempts } from './attempts.js'
import type { Settings } from './config.js'
import { createCookies, LANGUAGE_COOKIE, SESSION_COOKIE } from './cookies.js'
import { languageOf, preferredLanguage } from './language.js'
import { createLogout } from './logout.js'
import { problemPage, type Problem } from './pages/problem.js'
import { signedOutPage } from './pages/signed-out.js'
import { statementPage } from './pages/statement.js'
import { createDiscovery, ProviderUnavailable } from './provider.js'
import { createSessions } from './sessions.js'
import { createSignIn, type Refusal } from './sign-in.js'
import { isOwnPost, readCookies, readForm, seeOther, type Reply, type Visit } from './visit.js'

type Handler = (visit: Visit) => Reply | Promise<Reply>
interface Route {
  GET?: Handler
  POST?: Handler
  /** the sender is another program, so the post need not come from our pages */
  isForPrograms?: boolean
}

export interface Surroundings {
  now?: () => number
  /** what an operator should know; never a token, never personal data */
  report?: (message: string) => void
}

/** The demonstration eEspresso, not yet listening. */
export function createDemoRp(
  settings: Settings,
  { now = Date.now, report = console.error }: Surroundings = {},
): Server {
  const discover = createDiscovery(settings)
  const sessions = createSessions(now)
  const cookies = createCookies(settings)
  const signIn = createSignIn({ settings, discover, sessions, cookies, now, attempts: createAttempts(now) })
  const logout = createLogout({ settings, discover, sessions, cookies, now })

  const routes = new Map<string, Route>([
    [
      '/',
      {
        GET: (visit) =>
          visit.session
            ? page(200, statementPage(visit.language, visit.session, now()))
            : signIn.begin(visit),
      },
    ],
    ['/login', { GET: initiateLogin }],
    ['/callback', { GET: callback }],
    ['/confirm-identity', { POST: signIn.confirmAgain }],
    ['/sign-out', { POST: logout.signOut }],
    ['/signed-out', { GET: signedOut }],
    ['/backchannel-logout', { POST: logout.backChannel, isForPrograms: true }],
    ['/style.css', { GET: () => asset('style.css', 'text/css; charset=utf-8') }],
    ['/cup.svg', { GET: () => asset('cup.svg', 'image/svg+xml') }],
  ])

  /** OpenID Connect Core §4: another site asks us to begin a sign-in; it chooses neither the provider nor a foreign address. */
  function initiateLogin(visit: Visit): Reply | Promise<Reply> {
    const { searchParams } = visit.url
    const issuer = searchParams.get('iss')
    const target = searchParams.get('target_link_uri')
    const isOurIssuer = issuer === null || sameUrl(issuer, settings.issuerUrl)
    const isOurTarget =
      target === null || (URL.canParse(target) && new URL(target).origin === settings.baseUrl)
    if (!isOurIssuer || !isOurTarget) return problem(visit, 400, { reason: 'bad-link' })
    return signIn.begin(visit, {
      loginHint: searchParams.get('login_hint') ?? undefined,
      returnTo: target === null ? undefined : new URL(target).href,
    })
  }

  async function callback(visit: Visit): Promise<Reply> {
    const result = await signIn.finish(visit)
    return result.ok ? result.reply : refusal(visit, result)
  }

  function signedOut(visit: Visit): Reply {
    if (visit.session !== undefined) return seeOther(`${settings.baseUrl}/`)
    const language = visit.chosenLanguage ?? languageOf(visit.url.searchParams.get('state')) ?? visit.language
    return page(200, signedOutPage(language))
  }

  function refusal(visit: Visit, refused: Refusal): Reply {
    if (refused.reason === 'provider-unavailable') {
      report(`the identity provider did not complete a sign-in: ${messageOf(refused.error)}`)
      return problem(visit, 503, { reason: 'provider-unavailable' })
    }
    return problem(visit, 400, refused)
  }

  async function answer(request: IncomingMessage): Promise<Reply> {
    // The address is ours whatever the Host header says.
    const address = `${settings.baseUrl}${request.url ?? '/'}`
    if (!request.url?.startsWith('/') || !URL.canParse(address)) return { status: 400 }
    const visit = visitOf(new URL(address), request)
    const method = request.method === 'HEAD' ? 'GET' : request.method
    const route = routes.get(visit.url.pathname)
    const handler = method === 'GET' || method === 'POST' ? route?.[method] : undefined

    if (route === undefined) return problem(visit, 404, { reason: 'not-found' })
    if (handler === undefined) return { status: 405, headers: { allow: route.GET ? 'GET, HEAD' : 'POST' } }
    if (method === 'POST') {
      if (!route.isForPrograms && !isOwnPost(request.headers, settings.baseUrl))
        return problem(visit, 403, { reason: 'bad-link' })
      const form = await readForm(request)
      if (form === undefined) return { status: 413, headers: { connection: 'close' } }
      visit.form = form
    }
    try {
      const reply = await handler(visit)
      return visit.url.searchParams.has('lang') && visit.chosenLanguage
        ? { ...reply, cookies: [...(reply.cookies ?? []), cookies.language(visit.chosenLanguage)] }
        : reply
    } catch (error) {
      if (!(error instanceof ProviderUnavailable)) throw error
      return refusal(visit, { reason: 'provider-unavailable', error })
    }
  }

  function visitOf(url: URL, { headers }: IncomingMessage): Visit {
    const sent = readCookies(headers.cookie)
    const session = sessions.find(sent.get(SESSION_COOKIE))
    const chosenLanguage = languageOf(url.searchParams.get('lang')) ?? languageOf(sent.get(LANGUAGE_COOKIE))
    const ownLanguage = languageOf(session?.userInfo.locale ?? session?.claims.locale)
    const language = chosenLanguage ?? ownLanguage ?? preferredLanguage(headers['accept-language']) ?? 'fr-CA'
    return { url, cookies: sent, form: new URLSearchParams(), session, language, chosenLanguage }
  }

  // Signing out and confirming post to us and are redirected to the provider; Chromium holds form-action against the whole chain.
  const headers = {
    'cache-control': 'no-store',
    'content-security-policy': `default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self' ${new URL(settings.issuerUrl).origin}; base-uri 'none'; frame-ancestors 'none'`,
    'cross-origin-opener-policy': 'same-origin',
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
  }

  return createServer((request, response) => {
    void answer(request)
      .catch((error: unknown): Reply => {
        report(`a request failed: ${error instanceof Error ? error.stack : String(error)}`)
        return page(500, problemPage('fr-CA', { reason: 'bug' }))
      })
      .then((reply) => {
        response.writeHead(reply.status, { ...headers, ...reply.headers, 'set-cookie': reply.cookies ?? [] })
        response.end(request.method === 'HEAD' ? undefined : reply.body)
      })
  })
}

function page(status: number, body: string): Reply {
  return { status, headers: { 'content-type': 'text/html; charset=utf-8' }, body }
}

function problem(visit: Visit, status: number, what: Problem): Reply {
  return page(status, problemPage(visit.language, what))
}

function asset(name: string, type: string): Reply {
  const body = readFileSync(new URL(`../assets/${name}`, import.meta.url), 'utf8')
  return { status: 200, headers: { 'content-type': type, 'cache-control': 'max-age=3600' }, body }
}

function sameUrl(one: string, other: string): boolean {
  return URL.canParse(one) && new URL(one).href === new URL(other).href
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message} (${messageOf(error.cause)})` : error.message
}
