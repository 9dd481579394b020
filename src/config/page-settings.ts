// What of the configuration the pages may know.

import { networkMatcher } from '../networks.js'
import { readLogo, type Logo } from '../organisation/logo.js'
import { createOrganisation } from '../organisation/organisation.js'
import type { Config } from './config.js'

/** Of all settings, those that pages show or go by: never the master keys. */
export function pageSettings(config: Config) {
  const {
    accentColour,
    accentColourDark,
    defaultLocale,
    interactionMinutes,
    organisationLogo,
    organisationName,
    passwordMinLength,
    passwordMaxLength,
    timeZone,
  } = config
  return {
    accentColour,
    accentColourDark,
    defaultLocale,
    interactionMinutes,
    isHttps: config.issuerUrl.startsWith('https:'),
    isSharedNetwork: networkMatcher(config.sharedNetworks),
    organisation: createOrganisation(config),
    organisationLogo: logoOf(organisationLogo),
    organisationName,
    passwordMinLength,
    passwordMaxLength,
    timeZone,
  }
}

/** One that is gone since the settings were read: the pages have the shield. */
function logoOf(path: string | undefined): Logo | undefined {
  const logo = path === undefined ? undefined : readLogo(path)
  return typeof logo === 'string' ? undefined : logo
}
