// Identical posts of one page share one answer: a way on with its cookies, or a refusal, which each draws for
// itself. A page that is drawn anew has another token, so that a second try is never taken for the first.

import type { Context } from 'koa'
import type { Form } from '../../src/http/form.js'
import type { SharedAnswersService } from '../../src/sign-ins/shared-answers.js'
import { redirect } from './interaction.js'
import type { Refused } from './step.js'

type Answer = { location: string; cookies: string[] } | { refused: Refused }

/** Everything that two posts must agree in. */
type Post = { uid: string; step: string; form: Form }

type Handling = {
  /** Answers the request; returns the refusal that it has shown. */
  act: () => Promise<Refused | undefined>
  /** Shows what another request was refused. */
  repeat: (refused: Refused) => Promise<void>
}

export function createOneAnswer(sharedAnswers: SharedAnswersService) {
  return async (ctx: Context, { uid, step, form }: Post, { act, repeat }: Handling): Promise<void> => {
    const fields = Object.entries(form).toSorted(([a], [b]) => (a < b ? -1 : 1))
    const shared = await sharedAnswers.share(JSON.stringify([uid, step, fields]), async () => {
      const refused = await act()
      return JSON.stringify(refused === undefined ? wayOn(ctx) : { refused })
    })
    if (shared === undefined) return
    const answer = JSON.parse(shared) as Answer
    if ('refused' in answer) return repeat(answer.refused)
    // The browser may have dropped the first answer unread, and its cookies with it.
    if (answer.cookies.length > 0) ctx.set('Set-Cookie', answer.cookies)
    return redirect(ctx, answer.location)
  }
}

function wayOn({ response }: Context): Answer {
  const cookies = response.headers['set-cookie'] ?? []
  return { location: response.get('Location'), cookies: [cookies].flat() }
}
