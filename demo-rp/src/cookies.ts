// The three cookies of eEspresso. Their names differ from the provider's: on localhost cookies ignore the
// port. None is signed: two hold a random identifier, worth nothing unless the server knows it, the third a
// language.

export const SESSION_COOKIE = 'eespresso_session'
export const BROWSER_COOKIE = 'eespresso_browser'
export const LANGUAGE_COOKIE = 'eespresso_language'

/** For all three. Path=/ and HttpOnly are the default, Secure is decided once, in middleware/visitor.ts. */
export const COOKIE_OPTIONS = { sameSite: 'lax' } as const
