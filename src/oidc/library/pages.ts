// Three pages of oidc-provider bypass its settings: English, no language, sent on by an inline script. Two of
// them (sign-out when signed out, change of account at resume) post to our own confirmation, so that step is
// done here, on the server, and no page shows. The third, `response_mode=form_post`, is rendered in our look
// with a button that works without script.

import { Readable } from 'node:stream'
import type Koa from 'koa'
import type { Context, Middleware } from 'koa'

export type FormPost = { action: string; inputs: Record<string, string> }

type Dependencies = {
  provider: Middleware
  app: Koa
  confirmPath: string
  renderFormPost: (ctx: Context, form: FormPost) => string
}

export function libraryPages({ provider, app, confirmPath, renderFormPost }: Dependencies): Middleware {
  return async (ctx, next) => {
    await provider(ctx, next)
    const form = readFormPost(ctx)
    if (form === undefined) return
    if (form.action === new URL(confirmPath, ctx.href).href) await confirmOnServer(ctx, form)
    else ctx.body = renderFormPost(ctx, form)
  }

  /** Posts the form to the library as the browser would have done, with the cookies it was just given. */
  async function confirmOnServer(ctx: Context, form: FormPost): Promise<void> {
    const body = Buffer.from(new URLSearchParams(form.inputs).toString())
    const headers = {
      ...ctx.req.headers,
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': String(body.length),
      'cookie': updatedCookies(ctx),
    }
    const request = Object.assign(Readable.from([body], { objectMode: false }), {
      method: 'POST',
      url: confirmPath,
      headers,
      socket: ctx.req.socket,
      httpVersion: '1.1',
    })
    const inner = app.createContext(request as unknown as Context['req'], ctx.res)
    inner.state = ctx.state
    await provider(inner, async () => {})
    ctx.status = inner.status
    ctx.body = inner.body
  }
}

/** A page of the library that only exists to be submitted; undefined for every other answer. */
function readFormPost(ctx: Context): FormPost | undefined {
  if (typeof ctx.body !== 'string' || !ctx.body.includes('<title>Submitting Callback</title>'))
    return undefined
  const action = /<form method="post" action="([^"]*)">/.exec(ctx.body)?.[1]
  if (action === undefined) return undefined
  const inputs = [...ctx.body.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"\/>/g)]
  return {
    action: unescapeHtml(action),
    inputs: Object.fromEntries(
      inputs.map(([, name = '', value = '']) => [unescapeHtml(name), unescapeHtml(value)]),
    ),
  }
}

const ENTITIES: Record<string, string> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
}

const unescapeHtml = (text: string): string =>
  text.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity] ?? entity)

/** The request's cookies, overlaid with those that this response sets. */
function updatedCookies(ctx: Context): string {
  const cookies = new Map<string, string>()
  const set = ctx.res.getHeader('Set-Cookie')
  const fresh = (Array.isArray(set) ? set : []).map((cookie) => cookie.split(';')[0] ?? '')
  for (const pair of [...(ctx.get('Cookie') === '' ? [] : ctx.get('Cookie').split(';')), ...fresh]) {
    const separator = pair.indexOf('=')
    cookies.set(pair.slice(0, separator).trim(), pair.slice(separator + 1).trim())
  }
  return [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
}
