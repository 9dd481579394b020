// Changing the direct deposit. It takes a confirmation of who one is (oidc/step-up.ts): a fresh one, of this
// session, named by the form, and good for one change.

import { seeOther, type Context } from '../context.js'
import { readForm } from '../form.js'
import { confirmFirstPage, depositPage } from '../pages/direct-deposit.js'
import { readDeposit, type DirectDeposits } from '../payroll/direct-deposit.js'
import type { Session, Sessions } from '../sessions.js'

export interface DirectDepositHandlersDeps {
  baseUrl: string
  sessions: Sessions
  deposits: DirectDeposits
}

export function createDirectDepositHandlers({ baseUrl, sessions, deposits }: DirectDepositHandlersDeps) {
  /** GET /direct-deposit */
  function show(ctx: Context, session: Session): void {
    const { language } = ctx.state
    const confirmation = sessions.confirmationOf(session)
    ctx.body = confirmation
      ? depositPage({ language, identity: session, confirmation })
      : confirmFirstPage(language, session)
  }

  /** POST /direct-deposit */
  async function change(ctx: Context, session: Session): Promise<void> {
    const { language } = ctx.state
    const form = await readForm(ctx)
    const confirmation = sessions.confirmationOf(session)
    if (confirmation === undefined || form.get('confirmation') !== confirmation.id) {
      ctx.status = 403
      ctx.body = confirmFirstPage(language, session, true)
      return
    }
    const result = readDeposit(form)
    if (!result.ok) {
      ctx.status = 422
      ctx.body = depositPage({ language, identity: session, confirmation, refused: result })
      return
    }
    sessions.spendConfirmation(session)
    deposits.change(session.claims.sub, result.deposit)
    seeOther(ctx, `${baseUrl}/file`)
  }

  return { show, change }
}
