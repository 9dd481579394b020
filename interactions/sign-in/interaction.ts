// The interaction that a request belongs to, as oidc-provider keeps it: loaded by cookie and address, saved
// with what the sign-in has reached.

import type { Context } from 'koa'
import { errors, type AdapterPayload, type InteractionResults, type Provider } from 'oidc-provider'
import { AppError } from '../../src/errors.js'
import type { SaveOnlyIf } from '../../src/oidc/conditional-save.js'
import type { Progress } from './progress.js'

export type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>

export type Interactions = ReturnType<typeof createInteractions>

export function createInteractions(provider: () => Provider, isHttps: boolean, saveOnlyIf: SaveOnlyIf) {
  return {
    /** The one that cookie and address agree on (the library follows the cookie alone). */
    async load(ctx: Context): Promise<Interaction> {
      try {
        const interaction = await provider().interactionDetails(ctx.req, ctx.res)
        if (interaction.uid !== paramsOf(ctx).uid)
          throw new AppError('interaction-not-found', 400, 'cookie and address name different interactions')
        return interaction
      } catch (error) {
        if (error instanceof errors.SessionNotFound)
          throw new AppError('interaction-not-found', 400, 'the interaction is over or unknown', {
            cause: error,
          })
        throw error
      }
    },

    /** The interaction whose cookie the browser brings to this address. */
    broughtBy: (ctx: Context): string | undefined =>
      ctx.cookies.get(provider().cookieName('interaction'), { signed: true }),

    /** The application's request once more, of a sign-in that is still there; a question is not asked anew. */
    async requestOf(uid: string): Promise<string | undefined> {
      const interaction = await provider().Interaction.find(uid)
      if (interaction?.prompt.name !== 'login') return undefined
      const { pathname } = new URL('.', interaction.returnTo)
      const parameters = Object.entries(interaction.params).filter(
        (entry): entry is [string, string] => typeof entry[1] === 'string',
      )
      return `${pathname.slice(0, -1)}?${new URLSearchParams(parameters).toString()}`
    },

    /**
     * `result` replaces what was saved before, or with `merge` is added to what the step before it ended with.
     * The interaction is looked up once more: what has ended meanwhile must not come back to life.
     */
    async save(
      ctx: Context,
      result: InteractionResults & { signIn?: Progress },
      { merge = false }: { merge?: boolean } = {},
    ): Promise<void> {
      const interaction = await provider().Interaction.find(paramsOf(ctx).uid ?? '')
      if (interaction === undefined)
        throw new AppError('interaction-not-found', 400, 'the interaction has ended meanwhile')
      const isAdded = merge && !('error' in result)
      interaction.result = isAdded ? { ...interaction.lastSubmission, ...result } : result
      await interaction.persist()
    },

    /**
     * Row, cookies and what the pages know end together, `seconds` from now. False, and nothing done, when
     * another request has saved something since: a sign-in that has ended, or was given up, must stay so.
     */
    async prolong(
      ctx: Context,
      { uid, returnTo, result: before }: Interaction,
      signIn: Progress,
      seconds: number,
    ): Promise<boolean> {
      const interaction = await provider().Interaction.find(uid)
      if (interaction === undefined)
        throw new AppError('interaction-not-found', 400, 'the interaction has ended meanwhile')
      interaction.result = { signIn }
      const isStill = ({ result }: AdapterPayload) => JSON.stringify(result) === JSON.stringify(before)
      if (!(await saveOnlyIf(isStill, () => interaction.save(seconds)))) return false
      const cookies = { interaction: `/interaction/${uid}`, resume: new URL(returnTo).pathname } as const
      for (const [name, path] of Object.entries(cookies))
        ctx.cookies.set(provider().cookieName(name), uid, {
          signed: true,
          httpOnly: true,
          sameSite: 'lax',
          secure: isHttps,
          path,
          maxAge: seconds * 1000,
        })
      return true
    },

    /** After the request was answered: replaces what was saved, as long as the interaction still stands so. */
    async saveIf(
      uid: string,
      result: InteractionResults,
      isStill: (interaction: Interaction) => boolean,
    ): Promise<void> {
      const interaction = await provider().Interaction.find(uid)
      if (interaction === undefined || !isStill(interaction)) return
      interaction.result = result
      await interaction.persist()
    },
  }
}

/** The router's own, which Koa's types do not know. */
export const paramsOf = (ctx: Context): { uid?: string; step?: string } =>
  ctx['params'] as { uid?: string; step?: string }

/**
 * 303: a form with credentials must never be sent again to the next address (RFC 9700 §4.12). Undefined:
 * nothing was refused.
 */
export function redirect(ctx: Context, destination: string): undefined {
  ctx.status = 303
  ctx.redirect(destination)
}
