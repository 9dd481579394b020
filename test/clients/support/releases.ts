// The releases that are tried, where no lock file of ours says so. The page's table names them.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const RELEASES = {
  'Authlib': '1.9.6',
  'Flask': '3.1.3',
  'mozilla-django-oidc': '5.0.2',
  'Django': '5.2.19',
  'oauth2-proxy': '7.15.6',
  'Spring Boot': versionIn(
    'spring-boot/pom.xml',
    /<artifactId>spring-boot-starter-parent<.*?<version>(.*?)</s,
  ),
  'go-oidc': versionIn('go-oidc/go.mod', /go-oidc\/v3 v(\S+)/),
  'openidconnect': versionIn('openidconnect-rs/Cargo.lock', /name = "openidconnect"\nversion = "(.*?)"/),
  // Debian 12's.
  'mod_auth_openidc': '2.4.12.3',
  'oidc-agent': '4.2.6',
} as const

/** As pip takes it. */
export const pinned = (name: keyof typeof RELEASES): string => `${name}==${RELEASES[name]}`

function versionIn(file: string, pattern: RegExp): string {
  const version = pattern.exec(readFileSync(join(import.meta.dirname, '..', file), 'utf8'))?.[1]
  if (version === undefined) throw new Error(`${file} names no version`)
  return version
}
