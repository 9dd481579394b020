// A password that cannot be looked at soon. The post is answered by a page that waits and goes on by itself;
// what comes of it is saved with the interaction when it comes, by the process that has the password in its
// memory. So the answer is bound to the browser and the sign-in that asked, and any process can show it.

import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { AppError } from '../../src/errors.js'
import type { WaitingPlacesService } from '../../src/sign-ins/waiting-places.js'
import type { Interaction, Interactions } from './interaction.js'
import type { Accepted, Refused } from './step.js'

const waitingSchema = z.object({
  waiting: z.object({ place: z.string(), typed: z.record(z.string(), z.string()) }),
})
const refusedSchema = z.object({ refused: z.custom<Refused>(), shownUntil: z.number() })

/** A refusal is for whoever waits for it, not for the next person at this computer. */
const REFUSAL_SHOWN_MS = 60_000
const BUSY_RETRY_SECONDS = 10

/** What may be shown again of what was posted: never the password. */
type Typed = Record<string, string>

export type LateAnswer = { kind: 'waiting' } | { kind: 'refused'; refused: Refused }

type Dependencies = {
  places: WaitingPlacesService
  interactions: Interactions
  /** How long a post waits for its answer before the person gets a page that does. */
  patienceMs: number
  /** For faults after the post was answered. */
  report: (error: unknown) => void
  now: () => number
}

export function createLateAnswers({ places, interactions, patienceMs, report, now }: Dependencies) {
  const placeOf = (interaction: Interaction) => waitingSchema.safeParse(interaction.result).data?.waiting

  /** Whoever posts another password, or starts over, leaves the line. */
  function giveUp(interaction: Interaction): void {
    const waiting = placeOf(interaction)
    if (waiting !== undefined) places.giveUp(waiting.place)
  }

  /** Saved only where it is still waited for: another password, or « Recommencer », may have come since. */
  async function saveLate(uid: string, place: string, answer: Promise<Accepted | Refused>): Promise<void> {
    const outcome = await answer
    if (!places.isKept(place)) return
    await interactions.saveIf(
      uid,
      outcome.ok ? { signIn: outcome.progress } : { refused: outcome, shownUntil: now() + REFUSAL_SHOWN_MS },
      (current) => placeOf(current)?.place === place,
    )
  }

  return {
    /** The answer when it comes soon, or else undefined: then `read` knows more. */
    async within(
      interaction: Interaction,
      typed: Typed,
      work: (signal: AbortSignal) => Promise<Accepted | Refused>,
    ): Promise<Accepted | Refused | undefined> {
      giveUp(interaction)
      const abort = new AbortController()
      const answer = work(abort.signal).catch((error: unknown) => busyRefusal(error, typed))
      const soon = await Promise.race([answer, delay(patienceMs, undefined, { ref: false })])
      if (soon !== undefined) return soon

      const place = places.take(() => abort.abort())
      try {
        await interactions.saveIf(interaction.uid, { waiting: { place, typed } }, () => true)
      } catch (error) {
        abort.abort()
        places.release(place)
        throw error
      }
      void saveLate(interaction.uid, place, answer)
        .catch(report)
        .finally(() => places.release(place))
      return undefined
    },

    /** What a visit shows in place of the password page. Asking keeps the place. */
    async read(interaction: Interaction): Promise<LateAnswer | undefined> {
      const waiting = placeOf(interaction)
      if (waiting !== undefined)
        return (await places.ask(waiting.place))
          ? { kind: 'waiting' }
          : { kind: 'refused', refused: refusalOf(waiting.typed) }
      const late = refusedSchema.safeParse(interaction.result).data
      return late === undefined || late.shownUntil <= now()
        ? undefined
        : { kind: 'refused', refused: late.refused }
    },

    giveUp,
  }
}

function busyRefusal(error: unknown, typed: Typed): Refused {
  if (error instanceof AppError && error.code === 'busy') return refusalOf(typed)
  throw error
}

/** Nobody has looked at the password: it counts for nothing, and must be typed again. */
function refusalOf(typed: Typed): Refused {
  return {
    ok: false,
    faults: [{ title: 'password.busy', detail: 'password.busy-detail' }],
    retryAfterSeconds: BUSY_RETRY_SECONDS,
    isOverload: true,
    typed,
  }
}
