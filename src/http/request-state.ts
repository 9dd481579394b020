// What earlier middleware learned about a request, for those after it.

import type { Context } from 'koa'
import type { Locale, Translate } from '../i18n.js'

export type RequestState = {
  requestId: string
  /** The language the person chose by the switch, if any. */
  chosenLocale: Locale | undefined
  /** The language to answer in, as far as the request alone can tell. */
  locale: Locale
  t: Translate
}

export const stateOf = (ctx: Context): RequestState => ctx.state
