// Signing out at the provider, once the session here is over (OpenID Connect RP-Initiated Logout 1.0 §2).

import * as oidc from 'openid-client'
import type { Settings } from '../config.js'
import type { Language } from '../language.js'
import type { Discover } from './provider.js'

export interface EndSessionRequest {
  /** of the session that was ended here */
  idToken: string
  language: Language
  chosenLanguage: Language | undefined
}

/** Gives the address where the person goes: the provider's or, if it has none, our own last page. */
export type EndSessionAddress = (request: EndSessionRequest) => Promise<string>

export interface EndSessionDeps {
  settings: Settings
  discover: Discover
}

export function createEndSessionAddress({ settings, discover }: EndSessionDeps): EndSessionAddress {
  const signedOut = `${settings.baseUrl}/signed-out`

  return async ({ idToken, language, chosenLanguage }) => {
    const { configuration } = await discover()
    if (configuration.serverMetadata().end_session_endpoint === undefined) return signedOut
    const address = oidc.buildEndSessionUrl(configuration, {
      id_token_hint: idToken,
      post_logout_redirect_uri: signedOut,
      state: language, // the session that knew the language is gone; the last page still has to be in it
      ...(chosenLanguage && { ui_locales: chosenLanguage }),
    })
    return address.href
  }
}
