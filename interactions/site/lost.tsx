// The page of whoever comes to a sign-in that is over: by Back, by a favourite, or with a password after too
// long a time. It leads on to the application; by itself where nothing was typed.

import type { Context } from 'koa'
import { stateOf } from '../../src/http/request-state.js'
import type { Translate } from '../../src/i18n.js'
import type { Application } from '../../src/oidc/application.js'
import type { Page } from '../sign-in/step.js'
import type { PageRenderer } from '../views/render.js'
import type { WaysOn } from './way-on.js'

type Lost = {
  application: Application
  /** Where a new sign-in begins. */
  url: string
  /** A password was posted, and nobody has looked at it. */
  isPasswordPosted: boolean
  t: Translate
}

function lostPage({ application: { name, url: home }, url, isPasswordPosted, t }: Lost): Page {
  if (isPasswordPosted)
    return {
      title: t('lost.too-late'),
      body: (
        <>
          <h1>{t('lost.too-late')}</h1>
          <p>{t('lost.too-late-text')}</p>
          <p>
            <a class="primary" href={url}>
              {t('lost.again')}
            </a>
          </p>
        </>
      ),
    }
  return {
    title: t('problem.interaction'),
    continueTo: url,
    body: (
      <>
        <h1>{t('problem.interaction')}</h1>
        <p>
          {t('lost.over')} <span id="leading-on">{t('lost.leading', { application: name })}</span>
        </p>
        <p>
          <a class="primary" href={url} data-continues>
            {t('problem.way-back', { application: name })}
          </a>
        </p>
        {home === undefined ? null : (
          <p class="below sentence">
            {t('lost.favourite')} <a href={home}>{home}</a>
          </p>
        )}
      </>
    ),
  }
}

export type LostSignIns = ReturnType<typeof createLostSignIns>

export function createLostSignIns({ pages, waysOn }: { pages: PageRenderer; waysOn: WaysOn }) {
  return {
    /** `typedCip`: of a password that was posted. False where nothing is known to lead to. */
    async answer(ctx: Context, typedCip?: string): Promise<boolean> {
      if (ctx.accepts('html', 'json') === 'json') return false
      const application = await waysOn.likelyApplicationOf(ctx)
      const url = application && waysOn.beginAt(application, typedCip)
      if (application === undefined || url === undefined) return false
      const { t } = stateOf(ctx)
      pages.send(ctx, lostPage({ application, url, isPasswordPosted: typedCip !== undefined, t }))
      return true
    },
  }
}
