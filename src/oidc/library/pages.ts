// The library's pages, answered by ours. Whoever renders them gets data and a plain Koa context, and knows
// nothing of the library.

import type { Context } from 'koa'
import { errors, type Configuration, type KoaContextWithOIDC } from 'oidc-provider'
import type { FormPost } from './form-post.js'
import { signOut, signOutForm, type SignOutForm } from './sign-out.js'

/** A request that the library refuses, without a way back to the application. */
export type RefusedRequest = { status: number; error: string; clientId: string | undefined }

/** `isStillSignedIn`: the person chose to stay, or opened the address by hand. */
export type SignOutEnd = { isStillSignedIn: boolean; clientId: string | undefined }

export type ProviderPages = {
  sendProblem: (ctx: Context, refused: RefusedRequest) => Promise<void>
  askSignOut: (ctx: Context, form: SignOutForm) => void
  sendSignedOut: (ctx: Context, end: SignOutEnd) => Promise<void>
  sendFormPost: (ctx: Context, form: FormPost) => void
}

export type KeepRefusal = (ctx: KoaContextWithOIDC, refusal: errors.OIDCProviderError) => Promise<void>

type PageSources = Required<Pick<Configuration, 'renderError'>> &
  Required<
    Pick<
      NonNullable<NonNullable<Configuration['features']>['rpInitiatedLogout']>,
      'logoutSource' | 'postLogoutSuccessSource'
    >
  >

/**
 * `isVouchedFor`: an application vouches for the wish to sign out, so nothing is asked. `keepRefusal`: the
 * page bears the support code of what was refused.
 */
export function createPageSources(
  pages: ProviderPages,
  isVouchedFor: (ctx: KoaContextWithOIDC) => boolean,
  keepRefusal: KeepRefusal,
): PageSources {
  return {
    async renderError(ctx, { error }, refusal) {
      await keepRefusal(ctx, refusal as errors.OIDCProviderError)
      // The library calls it `invalid_request`: a sign-in that is over is nothing that anybody asked wrongly.
      const isOver = refusal instanceof errors.SessionNotFound
      await pages.sendProblem(ctx, {
        status: ctx.status,
        error: isOver ? 'session_not_found' : error,
        clientId: ctx.oidc.client?.clientId,
      })
    },
    // The library's own form comes as HTML; the same is had as data.
    logoutSource: (ctx, _form) =>
      isVouchedFor(ctx) ? signOut(ctx) : pages.askSignOut(ctx, signOutForm(ctx)),
    async postLogoutSuccessSource(ctx) {
      const { accountId } = await ctx.oidc.provider.Session.get(ctx)
      const end = { isStillSignedIn: accountId !== undefined, clientId: ctx.oidc.client?.clientId }
      await pages.sendSignedOut(ctx, end)
    },
  }
}
