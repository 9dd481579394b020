// What a relying party may learn of a person. And of whom: of nobody who is disabled or whom it does not
// admit, and nothing for a token that rests on an ended sign-in.

import type { Account as OidcAccount, Client, FindAccount, KoaContextWithOIDC } from 'oidc-provider'
import type { Account } from '../accounts/accounts.js'
import { groupsOf } from '../accounts/groups.js'
import { addressOf } from '../accounts/profile.js'
import type { Locale } from '../i18n.js'
import type { Admits } from './admission.js'
import { claimsOfScopes } from './claims-by-scope.js'
import { groupsFor, type GroupRules } from './client-groups.js'
import { hasEnded } from './sessions.js'
import { signInTimeOf } from './sign-in-of-token.js'

type Dependencies = {
  findById: (id: string) => Promise<Account | undefined>
  admits: Admits
  defaultLocale: Locale
}

export function createFindAccount({ findById, admits, defaultLocale }: Dependencies): FindAccount {
  return async (ctx, id, token): Promise<OidcAccount | undefined> => {
    const account = await findById(id)
    if (account === undefined || account.disabledAt !== null) return undefined
    if (token !== undefined && hasEnded(account, signInTimeOf(token))) return undefined
    // At the authorization endpoint, without a token, the policy asks: there the person is told.
    const holder = token && (await clientOf(ctx, token))
    if (token !== undefined && (holder === undefined || !(await admits(holder, account)))) return undefined
    return {
      accountId: account.id,
      claims() {
        // Asked for by name too, nothing is given beyond the scopes of the record.
        const { client } = ctx.oidc
        const allowed = claimsOfScopes(client?.scope?.split(' ') ?? [])
        const all = { ...claimsOf(account, defaultLocale), ...groupsFor(rulesOf(client), groupsOf(account)) }
        const given = Object.entries(all).filter(([claim]) => allowed.has(claim))
        return { sub: account.id, ...Object.fromEntries(given) }
      },
    }
  }
}

type Token = NonNullable<Parameters<FindAccount>[2]>

/** Whose token it is; at introspection somebody else may ask. */
async function clientOf({ oidc }: KoaContextWithOIDC, { clientId = '' }: Token): Promise<Client | undefined> {
  return oidc.client?.clientId === clientId ? oidc.client : oidc.provider.Client.find(clientId)
}

/** The library's type knows no member of ours. */
const rulesOf = (client: Client | undefined) => (client ?? {}) as GroupRules

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
