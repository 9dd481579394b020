// What a relying party may learn of a person, by scope: one table, which the documentation repeats. And of
// whom: of nobody who is disabled, and nothing for a token that rests on an ended sign-in.

import type { Account as OidcAccount, FindAccount } from 'oidc-provider'
import type { Account } from '../accounts/accounts.js'
import type { Locale } from '../i18n.js'
import { hasEnded } from './sessions.js'
import { signInTimeOf } from './sign-in-of-token.js'

export const CLAIMS_BY_SCOPE = {
  // Without these here, acr, amr and auth_time would reach the ID token only when asked for by name.
  openid: ['sub', 'acr', 'amr', 'auth_time'],
  profile: ['name', 'locale', 'preferred_username'],
  email: ['email', 'email_verified'],
  phone: ['phone_number', 'phone_number_verified'],
  address: ['address'],
  cip: ['cip'],
}

/** The scopes that a client's record may name. */
export const CLAIMED_SCOPES = [...new Set(['openid', 'offline_access', ...Object.keys(CLAIMS_BY_SCOPE)])]

type Dependencies = { findById: (id: string) => Promise<Account | undefined>; defaultLocale: Locale }

export function createFindAccount({ findById, defaultLocale }: Dependencies): FindAccount {
  return async (_ctx, id, token): Promise<OidcAccount | undefined> => {
    const account = await findById(id)
    if (account === undefined || account.disabledAt !== null) return undefined
    if (token !== undefined && hasEnded(account, signInTimeOf(token))) return undefined
    return {
      accountId: account.id,
      claims: () => ({
        sub: account.id,
        name: account.name,
        locale: account.locale ?? defaultLocale,
        preferred_username: account.cip,
        cip: account.cip,
        email: account.email,
        // The temporary password reached the person at this address, or an operator vouched for it
        email_verified: true,
        ...(account.phoneNumber === null
          ? {}
          : { phone_number: account.phoneNumber, phone_number_verified: false }),
        ...(account.address === null
          ? {}
          : { address: JSON.parse(account.address) as Record<string, string> }),
      }),
    }
  }
}
