// The provider's own requests (sign-out notices, a client's `jwks_uri`). The library refuses private
// addresses, so that nobody makes the server knock inside the hospital; hosts on the operator's list are the
// exception.

export type Fetch = (url: string | URL | Request, options?: RequestInit) => Promise<Response>

export function createGuardedFetch(allowedHosts: readonly string[]): Fetch {
  const allowed = new Set(allowedHosts)
  return async (url, options) => {
    const { dispatcher: guard, ...unguarded } = (options ?? {}) as RequestInit & { dispatcher?: unknown }
    const { host } = new URL(url instanceof Request ? url.url : url)
    if (allowed.has(host)) return fetch(url, unguarded)
    // The guard looks at the address once it is resolved. The library builds it from parts of Node that have
    // no public name; where it cannot, it would go on without.
    if (guard === undefined)
      throw new Error(
        `no request to ${host}: its address cannot be checked on this Node, and INTERNAL_HOSTS does not list it`,
      )
    return fetch(url, options)
  }
}
