// `response_mode=form_post` (OAuth 2.0 Form Post Response Mode): the library's own page is English and needs
// an inline script. It lets no one replace that mode from outside, so it is replaced where the library looks
// modes up, and what it would have rendered reaches our page as data.

import type { Context } from 'koa'
import type { Provider } from 'oidc-provider'
import internalsOf from 'oidc-provider/lib/helpers/weak_cache.js'

/** `inputs` are unescaped. */
export type FormPost = { status: number; action: string; inputs: Record<string, string> }

export function answerFormPosts(provider: Provider, send: (ctx: Context, form: FormPost) => void): void {
  internalsOf(provider).responseModes.set('form_post', (ctx, redirectUri, payload) => {
    const inputs = Object.fromEntries(Object.entries(payload).map(([name, value]) => [name, String(value)]))
    send(ctx, { status: statusOf(ctx.status, payload), action: redirectUri, inputs })
  })
}

/** As the library does it: a failure of ours stays one. */
function statusOf(status: number, payload: Record<string, unknown>): number {
  if (!('error' in payload)) return 200
  return status === 500 ? 500 : 400
}
