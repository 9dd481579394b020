// What of an installation's settings the pages show or go by. Made in the wiring: the whole configuration,
// with its master keys, never comes here.

import type { Locale } from '../src/i18n.js'

export type SupportPhone = { label: string; number: string }

export type PageSettings = {
  defaultLocale: Locale
  interactionMinutes: number
  isHttps: boolean
  organisationName: string
  passwordMinLength: number
  passwordMaxLength: number
  /** Whether computers at this address are taken for shared ones until the person says otherwise. */
  isSharedNetwork: (clientAddress: string) => boolean
  supportPhones: readonly SupportPhone[]
  timeZone: string
}
