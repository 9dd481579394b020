// The demonstration's mailbox: what would have been sent. Wired by the demonstration alone, and shown on the
// machine it runs on alone: temporary passwords stand in it.

import Router from '@koa/router'
import type { Context } from 'koa'
import { clientAddressOf } from '../../src/http/client-address.js'
import { stateOf } from '../../src/http/request-state.js'
import { networkMatcher } from '../../src/networks.js'
import type { CapturedMail } from '../../src/mail/transport.js'
import { DayAndHour } from '../views/moment.js'
import type { PageRenderer } from '../views/render.js'

const isLoopback = networkMatcher(['127.0.0.0/8', '::1'])

/** By the socket, since anybody can write a Host; and by the last hop, in case a proxy of ours stands here. */
const isFromHere = (ctx: Context): boolean =>
  isLoopback(ctx.req.socket.remoteAddress ?? '') && isLoopback(clientAddressOf(ctx))

const withInlineStyles = (policy: string): string =>
  policy.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")

export function createDevMail({
  pages,
  mails,
  timeZone,
}: {
  pages: PageRenderer
  mails: readonly CapturedMail[]
  timeZone: string
}): Router {
  const router = new Router({ sensitive: true })
  router.get('/dev/mail', (ctx, next) => {
    const context = ctx as Context
    if (!isFromHere(context)) return next() // as if there were none
    if (context.accepts('html', 'json') === 'json') {
      ctx.body = mails
      return
    }
    const { t, locale } = stateOf(context)
    // A mail's styles stand in the mail, whose frame inherits this page's policy; it has no script in it.
    context.set('Content-Security-Policy', withInlineStyles(context.response.get('Content-Security-Policy')))
    pages.send(context, {
      title: t('dev-mail.title'),
      isWide: true,
      body: (
        <>
          <h1>{t('dev-mail.title')}</h1>
          <p>{mails.length === 0 ? t('dev-mail.none') : t('dev-mail.text')}</p>
          {mails.map((mail) => (
            <article key={`${mail.to}${mail.at}`} lang={mail.locale}>
              <h2>{mail.subject}</h2>
              <p class="to">
                {mail.to} · <DayAndHour at={mail.at} locale={locale} timeZone={timeZone} />
              </p>
              <iframe
                sandbox=""
                srcdoc={mail.html}
                title={t('dev-mail.as-html', { subject: mail.subject })}
              />
              <details class="fold">
                <summary>{t('dev-mail.as-text')}</summary>
                <pre>{mail.text}</pre>
              </details>
            </article>
          ))}
        </>
      ),
    })
  })
  return router
}
