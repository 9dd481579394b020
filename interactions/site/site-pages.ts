// The pages outside a sign-in: home, help, problems, and those the library would render by itself.

import Router from '@koa/router'
import type { Context } from 'koa'
import type { Config } from '../../src/config/config.js'
import type { Problem, RenderProblem } from '../../src/http/error-page.js'
import type { FormPost } from '../../src/oidc/library/pages.js'
import { stateOf } from '../../src/http/request-state.js'
import { formatTime } from '../../src/i18n.js'
import type { ClientsService } from '../../src/oidc/clients.js'
import type { ProviderPages } from '../../src/oidc/provider.js'
import { formPostPage } from './form-post.js'
import { helpPage } from './help.js'
import { homePage } from './home.js'
import { problemPage, type WayBack } from './problem.js'
import type { PageRenderer } from '../views/render.js'
import { signedOutPage, signOutPage, stillSignedInPage } from './sign-out.js'

type Dependencies = {
  pages: PageRenderer
  clients: ClientsService
  config: Config
  now: () => number
  /** The client of an interaction that is over. */
  clientOfEndedInteraction: (uid: string) => Promise<string | undefined>
}

export function createSitePages({ pages, clients, config, now, clientOfEndedInteraction }: Dependencies) {
  async function wayBackTo(ctx: Context, clientId: string | undefined): Promise<WayBack | undefined> {
    const application =
      clientId === undefined ? undefined : await clients.application(clientId, stateOf(ctx).locale)
    return application?.url === undefined ? undefined : { name: application.name, url: application.url }
  }

  /** The database may be the very problem: then the page goes without a way back. */
  async function wayBackOf(ctx: Context, clientId: string | undefined): Promise<WayBack | undefined> {
    const uid = /^\/(?:interaction|auth)\/([^/]+)/.exec(ctx.path)?.[1]
    try {
      return (
        (await wayBackTo(ctx, clientId)) ??
        (uid === undefined ? undefined : await wayBackTo(ctx, await clientOfEndedInteraction(uid)))
      )
    } catch {
      return undefined
    }
  }

  async function problem(ctx: Context, problemShown: Problem, clientId?: string): Promise<string> {
    const { t, requestId } = stateOf(ctx)
    const isDatabaseAway = problemShown.code === 'database-unavailable'
    return pages.html(
      ctx,
      problemPage({
        problem: problemShown,
        requestId,
        wayBack: isDatabaseAway ? undefined : await wayBackOf(ctx, clientId),
        t,
      }),
      { isRefused: true },
    )
  }

  const renderProblem: RenderProblem = (ctx, shown) => problem(ctx, shown)

  const providerPages: ProviderPages = {
    async renderError(ctx, out) {
      ctx.type = 'html'
      ctx.body = await problem(
        ctx,
        { status: ctx.status, code: out.error, retryAfterSeconds: undefined },
        ctx.oidc.client?.clientId,
      )
    },
    async renderLogout(ctx, form, isVouchedFor) {
      const context = ctx as unknown as Context
      const action = /action="([^"]*)"/.exec(form)?.[1] ?? ''
      const xsrf = /name="xsrf" value="([^"]*)"/.exec(form)?.[1] ?? ''
      if (isVouchedFor) {
        ctx.body = SUBMITS_ITSELF(action, xsrf)
        return
      }
      pages.send(context, signOutPage({ t: stateOf(context).t, action, xsrf }))
    },
    async renderSignedOut(ctx) {
      const context = ctx as unknown as Context
      // The library ends here too when the person chose to stay, and anybody may open this address.
      const { accountId } = await ctx.oidc.provider.Session.get(ctx)
      const page = accountId === undefined ? signedOutPage : stillSignedInPage
      pages.send(
        context,
        page({ t: stateOf(context).t, wayBack: await wayBackTo(context, ctx.oidc.client?.clientId) }),
      )
    },
  }

  const renderFormPost = (ctx: Context, form: FormPost): string =>
    pages.html(ctx, formPostPage({ t: stateOf(ctx).t, form }))

  const router = new Router({ sensitive: true })
  router.get('/', async (ctx) => {
    const context = ctx as unknown as Context
    pages.send(
      context,
      homePage({ t: stateOf(context).t, applications: await clients.applications(stateOf(context).locale) }),
    )
  })
  router.get('/help', (ctx) => {
    const context = ctx as unknown as Context
    const { t, locale } = stateOf(context)
    pages.send(context, helpPage({ t, serverTime: formatTime(now(), locale, config.timeZone) }))
  })

  return { router, renderProblem, providerPages, renderFormPost }
}

/** In the shape of the library's own self-submitting page, which is then confirmed on the server. */
const SUBMITS_ITSELF = (action: string, xsrf: string): string =>
  `<title>Submitting Callback</title><form method="post" action="${action}"><input type="hidden" name="xsrf" value="${xsrf}"/><input type="hidden" name="logout" value="yes"/></form>`
