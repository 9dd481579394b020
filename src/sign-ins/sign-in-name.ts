// The name of a sign-in, which stands in the rows it changes: in the device that it verified, in the
// activation code that it typed. Keyed, and never shown to the browser: whoever writes to the database cannot
// put the name of his own sign-in where only a verified one belongs.

import type { KeyRing } from '../key-ring.js'
import type { Account } from '../accounts/accounts.js'

/** The same for the same interaction, person and epoch: a second click on « Connexion » is the same sign-in. */
export type NameSignIn = (account: Account, uid: string) => string

export const createSignInNames =
  (ring: KeyRing): NameSignIn =>
  ({ id, credentialEpoch }, uid) =>
    ring.mac('sign-in', `${uid}\0${id}\0${credentialEpoch}`)
