// The pages outside a sign-in: home, help, problems, and those the library would render by itself.

import Router from '@koa/router'
import type { Context } from 'koa'
import type { Problem, RenderProblem } from '../../src/http/error-page.js'
import { stateOf } from '../../src/http/request-state.js'
import { supportCodeOf } from '../../src/http/support-code.js'
import type { Application } from '../../src/oidc/application.js'
import type { ClientsService } from '../../src/oidc/clients.js'
import type { ProviderPages } from '../../src/oidc/library/pages.js'
import { formPostPage } from './form-post.js'
import { helpPage } from './help.js'
import { readReturn } from './help-address.js'
import { homePage } from './home.js'
import type { LostSignIns } from './lost.js'
import { problemPage, type WayBack } from './problem.js'
import type { WaysOn } from './way-on.js'
import type { PageRenderer } from '../views/render.js'
import { signedOutPage, signOutPage, stillSignedInPage } from './sign-out.js'

type Dependencies = {
  pages: PageRenderer
  clients: ClientsService
  timeZone: string
  now: () => number
  waysOn: WaysOn
  lost: LostSignIns
}

export function createSitePages({ pages, clients, timeZone, now, waysOn, lost }: Dependencies) {
  const toWayBack = (application: Application | undefined): WayBack | undefined =>
    application?.url === undefined ? undefined : { name: application.name, url: application.url }

  const wayBackTo = async (ctx: Context, clientId: string | undefined): Promise<WayBack | undefined> =>
    clientId === undefined ? undefined : toWayBack(await clients.application(clientId, stateOf(ctx).locale))

  /** The database may be the very problem: then the page goes without a way back. */
  async function wayBackOf(ctx: Context, clientId: string | undefined): Promise<WayBack | undefined> {
    try {
      return (await wayBackTo(ctx, clientId)) ?? toWayBack(await waysOn.applicationOf(ctx))
    } catch {
      return undefined
    }
  }

  async function problem(ctx: Context, problemShown: Problem, clientId?: string): Promise<string> {
    const { t } = stateOf(ctx)
    const isDatabaseAway = problemShown.code === 'database-unavailable'
    return pages.html(
      ctx,
      problemPage({
        problem: problemShown,
        supportCode: supportCodeOf(ctx),
        wayBack: isDatabaseAway ? undefined : await wayBackOf(ctx, clientId),
        t,
      }),
      { isRefused: true },
    )
  }

  const renderProblem: RenderProblem = (ctx, shown) => problem(ctx, shown)

  const providerPages: ProviderPages = {
    async sendProblem(ctx, { status, error, clientId }) {
      if (error === 'session_not_found' && (await lost.answer(ctx))) return
      ctx.type = 'html'
      ctx.body = await problem(ctx, { status, code: error, retryAfterSeconds: undefined }, clientId)
    },
    askSignOut(ctx, form) {
      pages.send(ctx, signOutPage({ t: stateOf(ctx).t, form }))
    },
    async sendSignedOut(ctx, { isStillSignedIn, clientId }) {
      const page = isStillSignedIn ? stillSignedInPage : signedOutPage
      pages.send(ctx, page({ t: stateOf(ctx).t, wayBack: await wayBackTo(ctx, clientId) }))
    },
    sendFormPost(ctx, form) {
      pages.send(ctx, formPostPage({ t: stateOf(ctx).t, form }), { status: form.status })
    },
  }

  const router = new Router({ sensitive: true })
  router.get('/', async (ctx) => {
    const context = ctx as Context
    pages.send(
      context,
      homePage({ t: stateOf(context).t, applications: await clients.applications(stateOf(context).locale) }),
    )
  })
  router.get('/help', (ctx) => {
    const context = ctx as Context
    const { t, locale } = stateOf(context)
    const returnTo = readReturn(context.query['return'])
    pages.send(context, helpPage({ t, locale, timeZone, now: now(), returnTo }))
  })

  return { router, renderProblem, providerPages }
}
