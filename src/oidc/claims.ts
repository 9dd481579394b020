// What a relying party may learn of a person, by scope: one table, which the documentation repeats. And of
// whom: of nobody who is disabled, and nothing for a token that rests on an ended sign-in.

import type { Account as OidcAccount, FindAccount } from 'oidc-provider'
import type { Account } from '../accounts/accounts.js'
import { addressOf } from '../accounts/profile.js'
import type { Locale } from '../i18n.js'
import { hasEnded } from './sessions.js'
import { signInTimeOf } from './sign-in-of-token.js'

export const CLAIMS_BY_SCOPE = {
  // Without these here, acr, amr and auth_time would reach the ID token only when asked for by name.
  openid: ['sub', 'acr', 'amr', 'auth_time'],
  profile: ['name', 'given_name', 'family_name', 'locale', 'zoneinfo', 'preferred_username', 'updated_at'],
  email: ['email', 'email_verified'],
  phone: ['phone_number', 'phone_number_verified'],
  address: ['address'],
  cip: ['cip'],
}

type Dependencies = { findById: (id: string) => Promise<Account | undefined>; defaultLocale: Locale }

export function createFindAccount({ findById, defaultLocale }: Dependencies): FindAccount {
  return async (_ctx, id, token): Promise<OidcAccount | undefined> => {
    const account = await findById(id)
    if (account === undefined || account.disabledAt !== null) return undefined
    if (token !== undefined && hasEnded(account, signInTimeOf(token))) return undefined
    return {
      accountId: account.id,
      claims: () => ({ sub: account.id, ...claimsOf(account, defaultLocale) }),
    }
  }
}

/** All that is known, whoever asks; nothing is said of what is not. */
function claimsOf(account: Account, defaultLocale: Locale): Record<string, unknown> {
  const { phoneNumber } = account
  return known({
    name: account.name,
    given_name: account.givenName,
    family_name: account.familyName,
    locale: account.locale ?? defaultLocale,
    zoneinfo: account.zoneinfo,
    preferred_username: account.cip,
    updated_at: Math.floor((account.updatedAt ?? account.createdAt) / 1000),
    cip: account.cip,
    email: account.email,
    // The temporary password reached the person at this address, or an operator vouched for it
    email_verified: true,
    phone_number: phoneNumber,
    phone_number_verified: phoneNumber === null ? null : false,
    address: addressOf(account) ?? null,
  })
}

const known = (claims: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== null))
