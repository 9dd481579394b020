// Whether a sign-in asks again for the person whose session this browser holds (`prompt=login`, `max_age`, a
// client that wants each one in full), and who that is. A name is shown to nobody else: the cookie of the
// interaction is not enough, the living session must come with it.

import type { Context } from 'koa'
import type { Account } from '../../src/accounts/accounts.js'
import { parseCip } from '../../src/accounts/cip.js'
import type { LivingSession } from '../../src/oidc/living-session.js'
import type { Interaction } from './interaction.js'
import type { Refused } from './step.js'

/** The library's reasons, and ours, that doubt nothing but how long ago the sign-in was. */
const SAME_PERSON = new Set(['login_prompt', 'max_age', 'sign_in_every_time'])
/** In the query of the password page: whoever sees another person's name leaves it. */
const AS = 'as'
const SOMEBODY_ELSE = 'somebody-else'

export const somebodyElseAt = (uid: string): string => `/interaction/${uid}/password?${AS}=${SOMEBODY_ELSE}`

/** Who is to confirm that it is still they; undefined where anybody may sign in. */
export type PersonToConfirm = (
  ctx: Context,
  interaction: Interaction,
  refused: Refused | undefined,
) => Promise<Account | undefined>

export function createPersonToConfirm(livingSession: LivingSession): PersonToConfirm {
  return async (ctx, { prompt, params, session }, refused) => {
    if (session?.accountId === undefined || ctx.query[AS] === SOMEBODY_ELSE) return undefined
    if (!prompt.reasons.every((reason) => SAME_PERSON.has(reason))) return undefined
    const account = await livingSession(ctx, session.uid)
    const isMeant = [params['login_hint'], refused?.typed?.['cip']].every(
      (cip) => typeof cip !== 'string' || parseCip(cip) === account?.cip,
    )
    return isMeant ? account : undefined
  }
}
