// The address of the help page, with the way back to the sign-in it was opened from.

/** A page of a sign-in and nothing else, so that no link can make our help page lead elsewhere. */
const SIGN_IN_PAGE = /^\/interaction\/[\w-]{1,64}\/[a-z-]{1,32}$/

export const helpFrom = (uid: string, step: string, section: string): string =>
  `/help?return=${encodeURIComponent(`/interaction/${uid}/${step}`)}#${section}`

/** Where `return` leads; undefined for whatever is no page of a sign-in here. */
export function readReturn(wish: string | string[] | undefined): string | undefined {
  return typeof wish === 'string' && SIGN_IN_PAGE.test(wish) ? wish : undefined
}
