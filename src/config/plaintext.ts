// What the provider sends to another machine goes by TLS: mails hold temporary passwords, statements hold
// hashes. Whether an address promises it. Pure.

import { networkMatcher } from '../networks.js'

const isLoopbackAddress = networkMatcher(['127.0.0.0/8', '::1'])
const TLS_MODES = new Set(['require', 'verify-ca', 'verify-full'])

/** `smtps://`, or `smtp://` that insists on STARTTLS; without, it is whatever the server on the way offers. */
export function isPlainMail(smtpUrl: string): boolean {
  const url = URL.parse(smtpUrl)
  if (url === null || url.protocol === 'smtps:') return false
  return !isHere(url.hostname) && url.searchParams.get('requireTLS') !== 'true'
}

/** The driver speaks plainly unless it is told otherwise; `host` counts for more than the address (pg). */
export function isPlainDatabase(databaseUrl: string, defaultHost = ''): boolean {
  const url = URL.parse(databaseUrl)
  if (url === null || url.protocol === 'sqlite:') return false
  const last = (name: string): string => url.searchParams.getAll(name).at(-1) ?? ''
  const isTls = last('sslmode') === '' ? ['true', '1'].includes(last('ssl')) : TLS_MODES.has(last('sslmode'))
  return !isTls && !isHere(last('host') || decodeURIComponent(url.hostname) || defaultHost)
}

/** This machine: by name, by address, or by a socket in its file system. */
function isHere(host: string): boolean {
  const name = host.replace(/^\[(.*)\]$/, '$1').toLowerCase()
  return name === '' || name.startsWith('/') || name === 'localhost' || isLoopbackAddress(name)
}
