// A client as people see it: the application they open, by its name in their language.

import type { Locale } from '../i18n.js'
import type { ClientMetadata } from './client-metadata.js'

export type Application = {
  clientId: string
  name: string
  url: string | undefined
  /** Where a sign-in may begin from outside (OpenID Connect Core §4). */
  loginUrl: string | undefined
}

/** Human-readable members may carry a language tag (OpenID Connect Registration §2.1). */
export function toApplication(metadata: ClientMetadata, locale: Locale): Application {
  const members: Record<string, unknown> = metadata
  const text = (member: string): string | undefined => {
    const value = members[`${member}#${locale}`] ?? members[member]
    return typeof value === 'string' ? value : undefined
  }
  return {
    clientId: metadata.client_id,
    name: text('client_name') ?? metadata.client_id,
    url: metadata.client_uri ?? metadata.initiate_login_uri,
    loginUrl: metadata.initiate_login_uri,
  }
}
