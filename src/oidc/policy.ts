// When the library must ask for a sign-in although the browser has a session. Belt and braces beside the journey: no session
// without a second factor, none for an account that is gone, none beyond its hours, none for a client that wants each sign-in in full.

import { interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider'

const { base, Check } = interactionPolicy
const { REQUEST_PROMPT, NO_NEED_TO_PROMPT } = Check

type Dependencies = {
  isActiveAccount: (accountId: string) => Promise<boolean>
  now: () => number
  sessionMaxHours: number
}

export function createPolicy({ isActiveAccount, now, sessionMaxHours }: Dependencies): interactionPolicy.DefaultPolicy {
  const policy = base()
  const login = policy.get('login')
  if (login === undefined) throw new Error('the library has no login prompt')

  const check = (reason: string, description: string, asks: (ctx: KoaContextWithOIDC) => boolean | Promise<boolean>) =>
    login.checks.add(new Check(reason, description, 'login_required', async (ctx) => ((await asks(ctx)) ? REQUEST_PROMPT : NO_NEED_TO_PROMPT)))

  check(
    'account_unavailable',
    'the account is gone or disabled',
    async ({ oidc }) => oidc.session?.accountId !== undefined && !(await isActiveAccount(oidc.session.accountId)),
  )

  check(
    'second_factor_missing',
    'the session lacks a second factor',
    ({ oidc }) => oidc.session?.accountId !== undefined && oidc.session.amr?.includes('otp') !== true,
  )

  check(
    'session_too_old',
    'the session has lasted its hours',
    ({ oidc }) => oidc.session?.loginTs !== undefined && oidc.session.loginTs + sessionMaxHours * 3600 <= now() / 1000,
  )

  // The sign-in of this very request shows as `result.login`; without that exception it would ask for ever.
  check(
    'sign_in_every_time',
    'the client asks for a full sign-in each time',
    ({ oidc }) => oidc.client?.['sign_in_every_time'] === true && oidc.result?.login === undefined,
  )

  return policy
}
