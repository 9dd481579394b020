// Who may bind a phone after the password alone, and who needs an activation code first. Pure.

import type { StoredAccount } from '../../db/repositories/accounts.js'

export type EnrolmentRules = {
  mode: 'open' | 'activation-code' | 'network'
  isTrustedNetwork: (clientAddress: string) => boolean
  dormantDays: number
}

export type ActivationReason = 'mode' | 'network' | 'after-reset' | 'dormant'

const DAY_MS = 24 * 3_600_000

/** Why this account needs an activation code before its next phone; undefined when the password is enough. */
export function activationReason(
  account: StoredAccount,
  clientAddress: string,
  now: number,
  rules: EnrolmentRules,
): ActivationReason | undefined {
  if (account.activationRequiredAt !== null) return 'after-reset'
  if (rules.mode === 'activation-code') return 'mode'
  if (rules.mode === 'network' && !rules.isTrustedNetwork(clientAddress)) return 'network'
  const lastSeen = Math.max(account.passwordSetAt ?? 0, account.lastSignInAt ?? 0)
  return lastSeen + rules.dormantDays * DAY_MS < now ? 'dormant' : undefined
}
