// The provider's own requests (sign-out notices, a client's `jwks_uri`). The library refuses private addresses, so that nobody makes
// the server knock inside the hospital; hosts on the operator's list are the exception.

export type Fetch = (url: string | URL | Request, options?: RequestInit) => Promise<Response>

export function createOutgoingFetch(allowedHosts: readonly string[]): Fetch {
  const allowed = new Set(allowedHosts)
  return (url, options) => {
    if (!allowed.has(new URL(url instanceof Request ? url.url : url).host)) return fetch(url, options) // with the library's dispatcher, which looks at the address
    const { dispatcher: _guard, ...unguarded } = (options ?? {}) as RequestInit & { dispatcher?: unknown }
    return fetch(url, unguarded)
  }
}
