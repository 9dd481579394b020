// Which of the library's routes an address is, by the library's own router: its spelling (capitals, a last
// slash) and its settings count here as they count there. What a route means to the rest of the application
// is decided by its name, below.

import type { Provider } from 'oidc-provider'
import internalsOf from 'oidc-provider/lib/helpers/weak_cache.js'

/** Posted to by applications, and by scripts of other origins. */
const ENDPOINTS = new Set([
  'introspection',
  'pushed_authorization_request',
  'revocation',
  'token',
  'userinfo',
])
/** Opened by a browser that an application sends, by GET or by POST: posted-requests.ts makes one of both. */
const REQUESTS = new Set(['authorization', 'end_session'])
/** Where an authorization request comes in, and is kept. */
const KEEPS = { GET: new Set(['authorization']), POST: new Set(['pushed_authorization_request']) }
const PUBLIC_DOCUMENTS = new Set(['discovery', 'jwks'])
/** Pages whose form ends, by redirects or at once, at an application. */
const LEADS_AWAY = new Set([...REQUESTS, 'resume'])

export function createLibraryRoutes(provider: () => Provider) {
  const isOneOf = (names: ReadonlySet<string>, method: string) => (path: string) => {
    const name = internalsOf(provider()).router.match(method, path)?.route.name
    return name !== undefined && names.has(name)
  }
  const isEndpoint = isOneOf(ENDPOINTS, 'POST')
  const isRequest = isOneOf(REQUESTS, 'GET')
  const keeps = [isOneOf(KEEPS.GET, 'GET'), isOneOf(KEEPS.POST, 'POST')]
  return {
    isRequest,
    takesRequests: (path: string) => keeps.some((isKept) => isKept(path)),
    /** Posts come there from other sites, by specification. */
    takesForeignPosts: (path: string) => isEndpoint(path) || isRequest(path),
    isPublicDocument: isOneOf(PUBLIC_DOCUMENTS, 'GET'),
    leadsAway: isOneOf(LEADS_AWAY, 'GET'),
  }
}
