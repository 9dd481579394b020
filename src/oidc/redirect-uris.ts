// Where an application may have its people sent back to: https, http on loopback, and for a native
// application a scheme of its own that its record names (RFC 8252 §7). Pure.

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])

/** The loopback addresses of a native application unless it names others; any port will do (RFC 8252 §7.3). */
export const NATIVE_REDIRECT_URIS = ['http://127.0.0.1/callback', 'http://[::1]/callback']

export const ADDRESS_RULE = 'must be https (http for loopback only), without fragment or user name'

export function isAddress(value: string): boolean {
  const url = URL.parse(value)
  return (
    url !== null &&
    url.hash === '' &&
    url.username === '' &&
    (url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.has(url.hostname)))
  )
}

/** A reversed host name: without a dot it could be anybody's, or the system's own (RFC 8252 §7.1). */
export const PRIVATE_USE_SCHEME = /^[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+$/

/** `schemes`: those that the record names for private use. */
export function redirectUriFault(uri: string, schemes: readonly string[]): string | undefined {
  if (uri.includes('*'))
    return 'must be one address: * stands for itself, addresses are compared to the letter'
  if (isAddress(uri)) return undefined
  const scheme = /^([^:]+):/.exec(uri)?.[1] ?? ''
  if (!/^[a-z][a-z0-9+.-]*$/.test(scheme) || /^https?$/.test(scheme)) return ADDRESS_RULE
  if (!schemes.includes(scheme)) return `${ADDRESS_RULE}; private_use_schemes does not name ${scheme}`
  const isPath = /^[^:]+:\/(?!\/)[\x21-\x7e]*$/.test(uri) && !uri.includes('#')
  return isPath ? undefined : `must be written ${scheme}:/path, with one slash and no fragment`
}
