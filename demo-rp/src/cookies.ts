// The three cookies of eEspresso. Their names differ from the provider's: on localhost cookies ignore the port.

import type { Settings } from './config.js'
import type { Language } from './language.js'

export const SESSION_COOKIE = 'eespresso_session'
export const BROWSER_COOKIE = 'eespresso_browser'
export const LANGUAGE_COOKIE = 'eespresso_language'

export interface Cookies {
  session: (id: string) => string
  noSession: () => string
  browser: (id: string) => string
  language: (language: Language) => string
}

export function createCookies({ baseUrl }: Settings): Cookies {
  const attributes = `Path=/; HttpOnly; SameSite=Lax${baseUrl.startsWith('https:') ? '; Secure' : ''}`
  const write = (name: string, value: string, more = '') => `${name}=${value}; ${attributes}${more}`

  return {
    session: (id) => write(SESSION_COOKIE, id),
    noSession: () => write(SESSION_COOKIE, '', '; Max-Age=0'),
    browser: (id) => write(BROWSER_COOKIE, id, '; Max-Age=1800'),
    language: (language) => write(LANGUAGE_COOKIE, language, '; Max-Age=31536000'),
  }
}
