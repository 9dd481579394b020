// A request as the pages see it: Koa's context, and in its state what middleware/visitor.ts has found out.

import type Koa from 'koa'
import type { Language } from './language.js'
import type { Session } from './sessions.js'

export interface State {
  session: Session | undefined
  /** what the page is written in */
  language: Language
  /** the language the person asked for by the switch, if ever */
  chosenLanguage: Language | undefined
}

export type Context = Koa.ParameterizedContext<State>
export type Middleware = Koa.Middleware<State>

/** 303, so that a POST is followed by a GET (RFC 9110 §15.4.4). Koa alone would say 302. */
export function seeOther(ctx: Context, address: string): void {
  ctx.status = 303
  ctx.redirect(address)
}
