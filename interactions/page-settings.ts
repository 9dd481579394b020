// What of an installation's settings the pages show or go by. Made in the wiring: the whole configuration,
// with its master keys, never comes here.

import type { Locale } from '../src/i18n.js'
import type { Logo } from '../src/organisation/logo.js'
import type { Organisation } from '../src/organisation/organisation.js'

export type PageSettings = {
  /** Undefined: the style sheet's own. */
  accentColour: string | undefined
  /** Undefined: made of the accent colour. */
  accentColourDark: string | undefined
  defaultLocale: Locale
  interactionMinutes: number
  isHttps: boolean
  organisation: Organisation
  organisationLogo: Logo | undefined
  organisationName: string
  passwordMinLength: number
  passwordMaxLength: number
  /** Whether computers at this address are taken for shared ones until the person says otherwise. */
  isSharedNetwork: (clientAddress: string) => boolean
  timeZone: string
}
