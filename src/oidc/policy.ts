// When the library must ask for a sign-in although the browser has a session. Belt and braces beside the
// journey: no session without a second factor, none for an account that is gone, none beyond its hours, none
// for a client that wants each sign-in in full.

import { errors, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider'
import { FULL_SIGN_IN } from '../second-factors/authentication-context.js'
import { expectedPersonChecks } from './library/expected-person.js'
import type { Account } from '../accounts/accounts.js'
import type { Admits } from './admission.js'
import { hasEnded } from './sessions.js'

const { base, Check, Prompt } = interactionPolicy
const { REQUEST_PROMPT, NO_NEED_TO_PROMPT } = Check

type Dependencies = {
  findAccount: (accountId: string) => Promise<Account | undefined>
  admits: Admits
  now: () => number
  sessionMaxHours: number
}

export function createPolicy({
  findAccount,
  admits,
  now,
  sessionMaxHours,
}: Dependencies): interactionPolicy.DefaultPolicy {
  const policy = base()
  const login = policy.get('login')
  if (login === undefined) throw new Error('the library has no login prompt')

  // Known to the library, but without a page of its own: a session is one person's, so whoever may choose is
  // asked who signs in, below.
  const accountSelection = new Prompt({ name: 'select_account', requestable: true })
  accountSelection.checks.clear()
  policy.add(accountSelection)

  const check = (
    reason: string,
    description: string,
    asks: (ctx: KoaContextWithOIDC) => boolean | Promise<boolean>,
  ) =>
    login.checks.add(
      new Check(reason, description, 'login_required', async (ctx) =>
        (await asks(ctx)) ? REQUEST_PROMPT : NO_NEED_TO_PROMPT,
      ),
    )

  // A session's row alone proves nothing: a request under way when an operator ended it may have saved it
  // again.
  check(
    'account_unavailable',
    'the account is gone or disabled, or its sessions were ended',
    async ({ oidc }) => {
      if (oidc.session?.accountId === undefined) return false
      const account = await findAccount(oidc.session.accountId)
      if (account === undefined || account.disabledAt !== null) return true
      return hasEnded(account, oidc.session.loginTs ?? 0)
    },
  )

  check(
    'second_factor_missing',
    'the session lacks a second factor',
    ({ oidc }) => oidc.session?.accountId !== undefined && oidc.session.amr?.includes('otp') !== true,
  )

  check(
    'session_too_old',
    'the session has lasted its hours',
    ({ oidc }) =>
      oidc.session?.loginTs !== undefined && oidc.session.loginTs + sessionMaxHours * 3600 <= now() / 1000,
  )

  // The sign-in of this very request shows as `result.login`; without that exception it would ask for ever.
  check(
    'sign_in_every_time',
    'the client asks for a full sign-in each time',
    ({ oidc }) => oidc.client?.['sign_in_every_time'] === true && oidc.result?.login === undefined,
  )

  check(
    'account_selection',
    'the application lets the person choose who signs in',
    ({ oidc }) => oidc.prompts.has('select_account') && oidc.result?.login === undefined,
  )

  // What no sign-in here can reach is said to the application: asking again would hold the person here for
  // ever (Unmet Authentication Requirements 1.0; OpenID Connect Core §3.1.2.2 for somebody else than the one
  // it means).
  check('acr_out_of_reach', 'an essential acr that is never given', ({ oidc }) => {
    if (isOutOfReach(oidc.claims.id_token?.['acr']))
      throw new errors.UnmetAuthenticationRequirements('the requested acr is not one of ours')
    return false
  })

  for (const { reason, isSomebodyElse } of expectedPersonChecks(login)) {
    check(`${reason}_unmet`, 'somebody else has signed in', async (ctx) => {
      if (ctx.oidc.result?.login !== undefined && (await isSomebodyElse(ctx)))
        throw new errors.LoginRequired('somebody else has signed in')
      return false
    })
  }

  // Behind the sign-in, before any question: whom the application does not admit is told so.
  policy.add(
    new Prompt(
      { name: 'access' },
      new Check(
        'group_missing',
        'the application admits other groups alone',
        'access_denied',
        async ({ oidc }) => {
          if (oidc.client?.['required_groups'] === undefined) return NO_NEED_TO_PROMPT
          if (oidc.session?.accountId === undefined) return NO_NEED_TO_PROMPT
          const account = await findAccount(oidc.session.accountId)
          return account === undefined || (await admits(oidc.client, account))
            ? NO_NEED_TO_PROMPT
            : REQUEST_PROMPT
        },
      ),
    ),
    1,
  )

  askForNativeThirdParties(policy)
  return policy
}

/**
 * Anybody on the same device may pretend to be a native application, so that the library asks the person each
 * time (RFC 8252 §8.6). Of one of ours, `consent: skip`, the operator has decided otherwise.
 */
function askForNativeThirdParties(policy: interactionPolicy.DefaultPolicy): void {
  const checks = policy.get('consent')?.checks
  const theirs = checks?.get('native_client_prompt')
  if (checks === undefined || theirs === undefined) throw new Error('the library has no such check')
  const { reason, description, error } = theirs
  const asks: typeof theirs.check = (ctx) =>
    ctx.oidc.client?.['consent'] === 'ask' ? theirs.check(ctx) : NO_NEED_TO_PROMPT
  checks.remove(reason)
  checks.add(new Check(reason, description, error ?? 'interaction_required', asks))
}

type AcrRequest = { essential?: boolean; value?: unknown; values?: unknown } | null | undefined

function isOutOfReach(request: AcrRequest): boolean {
  if (request?.essential !== true) return false
  if (request.value !== undefined) return request.value !== FULL_SIGN_IN.acr
  return Array.isArray(request.values) && !request.values.includes(FULL_SIGN_IN.acr)
}
