// What of the configuration the pages may know.

import { networkMatcher } from '../networks.js'
import type { Config } from './config.js'

/** Of all settings, those that pages show or go by: never the master keys. */
export function pageSettings(config: Config) {
  const {
    defaultLocale,
    interactionMinutes,
    organisationName,
    passwordMinLength,
    passwordMaxLength,
    supportPhones,
    timeZone,
  } = config
  return {
    defaultLocale,
    interactionMinutes,
    isHttps: config.issuerUrl.startsWith('https:'),
    isSharedNetwork: networkMatcher(config.sharedNetworks),
    organisationName,
    passwordMinLength,
    passwordMaxLength,
    supportPhones,
    timeZone,
  }
}
