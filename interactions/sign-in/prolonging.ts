// The time of a sign-in may be prolonged (WCAG 2.2.1), but only by a post, after a right password, and not
// for ever. What the account says goes first: a sign-in that counts no more gets no time.

import type { Context } from 'koa'
import type { Assess } from './assessment.js'
import { redirect, type Interaction, type Interactions } from './interaction.js'
import { pageOf, readProgress, type Progress } from './progress.js'

export const MOST_PROLONGATIONS = 10
export const LONGEST_SECONDS = 4 * 3600
/** A second press at once changes nothing, and is none of the ten. */
const LEAST_GAIN_SECONDS = 60

/** In seconds, as the library keeps them. */
type Span = Pick<Interaction, 'iat' | 'exp'>

/** When a sign-in that is prolonged now ends; undefined when it gets no more time. Pure. */
export function prolongedEnd(
  { iat, exp }: Span,
  { prolonged }: Pick<Progress, 'prolonged'>,
  nowSeconds: number,
  lengthSeconds: number,
): number | undefined {
  if (prolonged >= MOST_PROLONGATIONS) return undefined
  const end = Math.min(nowSeconds + lengthSeconds, iat + LONGEST_SECONDS)
  return end - exp >= LEAST_GAIN_SECONDS ? end : undefined
}

/** Whether it will get more time when its end is near. Pure. */
export const isProlongable = (span: Span, progress: Pick<Progress, 'prolonged'>, length: number): boolean =>
  prolongedEnd(span, progress, span.exp, length) !== undefined

type Dependencies = {
  interactions: Interactions
  assess: Assess
  now: () => number
  lengthSeconds: number
}

export function createProlonging({ interactions, assess, now, lengthSeconds }: Dependencies) {
  /** `page`: whose sign-in the posted page was made for. The answer is the page again, or its new end as data. */
  return async (ctx: Context, interaction: Interaction, page: string | undefined): Promise<void> => {
    const progress = readProgress(interaction.result)
    if (progress === undefined) return redirect(ctx, `/interaction/${interaction.uid}`)
    const wanted = { ...progress, prolonged: progress.prolonged + 1 }
    const { step } = await assess(ctx, interaction, wanted)
    const place = `/interaction/${interaction.uid}/${step}`
    if (step === 'password' || page !== pageOf(progress)) return redirect(ctx, place)

    const nowSeconds = Math.floor(now() / 1000)
    const end = prolongedEnd(interaction, progress, nowSeconds, lengthSeconds)
    if (end !== undefined && !(await interactions.prolong(ctx, interaction, wanted, end - nowSeconds)))
      return redirect(ctx, `/interaction/${interaction.uid}`)
    if (ctx.accepts('html', 'json') !== 'json') return redirect(ctx, place)
    const exp = end ?? interaction.exp
    const latest = end === undefined ? progress : wanted
    ctx.body = {
      secondsLeft: exp - nowSeconds,
      isLast: !isProlongable({ iat: interaction.iat, exp }, latest, lengthSeconds),
    }
  }
}
