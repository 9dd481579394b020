// The pages for whoever is signed in, each from the clock and who they are.

import type { Context } from '../context.js'
import { filePage } from '../pages/file.js'
import { payPage } from '../pages/pay.js'
import { schedulePage } from '../pages/schedule.js'
import { isoDay } from '../payroll/calendar.js'
import type { DirectDeposits } from '../payroll/direct-deposit.js'
import { statementsOf } from '../payroll/payroll.js'
import type { Session, Sessions } from '../sessions.js'

export interface PageHandlersDeps {
  sessions: Sessions
  deposits: DirectDeposits
  now: () => number
}

export function createPageHandlers({ sessions, deposits, now }: PageHandlersDeps) {
  /** GET / shows the newest pay, GET /pay/:paidOn another of the last six. */
  function pay(ctx: Context, session: Session): void {
    const statements = statementsOf(session.claims.sub, now())
    const paidOn = ctx.path === '/' ? undefined : ctx.path.slice('/pay/'.length)
    const shown = statements.find(({ period }) => paidOn === undefined || isoDay(period.paidOn) === paidOn)
    if (shown === undefined) ctx.throw(404)
    const { language } = ctx.state
    const isHome = paidOn === undefined
    const isNew = isHome && sessions.isNew(session)
    ctx.body = payPage({ language, identity: session, statements, shown, isHome, isNew })
  }

  /** GET /schedule */
  function schedule(ctx: Context, session: Session): void {
    ctx.body = schedulePage(ctx.state.language, session, now())
  }

  /** GET /file */
  function file(ctx: Context, session: Session): void {
    ctx.body = filePage({
      language: ctx.state.language,
      identity: session,
      deposit: deposits.of(session.claims.sub),
      isConfirmed: sessions.confirmationOf(session) !== undefined,
      now: now(),
    })
  }

  return { pay, schedule, file }
}
