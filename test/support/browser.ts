// A browser without script: keeps cookies by path, follows redirects within the provider, fills in forms. Its
// verbs read as what a person does.

import type { Idp } from './idp.js'

export type Shown = { status: number; url: string; html: string; headers: Headers }

type Cookie = { value: string; path: string }

export class Browser {
  #cookies = new Map<string, Cookie>()
  readonly headers: Record<string, string>
  /** The page on the screen. */
  shown: Shown = { status: 0, url: 'about:blank', html: '', headers: new Headers() }
  readonly #home: string

  constructor(idp: Pick<Idp, 'url'>, headers: Record<string, string> = {}) {
    this.#home = idp.url
    this.headers = { 'Accept': 'text/html', 'Accept-Language': 'fr-CA', ...headers }
  }

  /** Opens an address and follows redirects as long as they stay on the provider. */
  async open(url: string): Promise<Shown> {
    return this.#go('GET', new URL(url, this.#home).href)
  }

  /** Fills in the page's form (the first, or the one whose address ends with `form`) and sends it. */
  async submit(
    fields: Record<string, string>,
    { form = '', headers = {} }: { form?: string; headers?: Record<string, string> } = {},
  ): Promise<Shown> {
    return this.#go('POST', ...this.prepare(fields, form), headers)
  }

  /** Address and body of the page's form with these fields, ready to be sent. */
  prepare(fields: Record<string, string>, form = ''): [url: string, body: string] {
    const found = [
      ...this.shown.html.matchAll(/<form method="post" action="([^"]*)"[^>]*>([\s\S]*?)<\/form>/g),
    ].find(([, action = '']) => action.endsWith(form))
    if (found === undefined) throw new Error(`no form on ${this.shown.url}: ${this.text().slice(0, 300)}`)
    const [, action = '', inside = ''] = found
    const hidden = [...inside.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)].map(
      ([, name = '', value = '']): [string, string] => [name, unescape(value)],
    )
    return [
      new URL(unescape(action), this.shown.url).href,
      new URLSearchParams([...hidden, ...Object.entries(fields)]).toString(),
    ]
  }

  /** Sends a body to an address, whatever the page shows, and follows redirects. */
  async post(url: string, body: string, headers: Record<string, string> = {}): Promise<Shown> {
    return this.#go('POST', new URL(url, this.#home).href, body, headers)
  }

  /** Sends the page's form once: no redirect is followed, and the page on the screen stays. */
  async send(
    fields: Record<string, string>,
    { form = '', headers = {} }: { form?: string; headers?: Record<string, string> } = {},
  ): Promise<Response> {
    const [url, body] = this.prepare(fields, form)
    return this.request(url, { method: 'POST', body, headers: { ...formHeaders(url), ...headers } })
  }

  /**
   * The same body to another address of the sign-in on the screen, with the token that its own form carries.
   */
  async postTo(step: string, fields: Record<string, string> = {}): Promise<Shown> {
    const body = new URLSearchParams({ csrf: this.hidden('csrf'), ...fields })
    return this.post(`/interaction/${this.uid()}/${step}`, body.toString())
  }

  /** The interaction on the screen. */
  uid(): string {
    const uid = /\/interaction\/([^/?]+)/.exec(this.shown.url)?.[1]
    if (uid === undefined) throw new Error(`no interaction at ${this.shown.url}`)
    return uid
  }

  /** The step on the screen; undefined outside a sign-in. */
  step(): string | undefined {
    return stepIn(this.shown.url)
  }

  /** The step that a sign-in leads to, asked without going there. */
  async stepOf(uid: string): Promise<string | undefined> {
    const { headers } = await this.clone().request(`/interaction/${uid}`)
    return stepIn(headers.get('location') ?? '')
  }

  hidden(name: string): string {
    const value = new RegExp(`<input type="hidden" name="${name}" value="([^"]*)"`).exec(this.shown.html)?.[1]
    if (value === undefined) throw new Error(`no hidden ${name} on ${this.shown.url}`)
    return unescape(value)
  }

  /** One request, no redirect followed, the page on the screen unchanged. */
  async request(url: string, init: RequestInit = {}): Promise<Response> {
    const target = new URL(url, this.#home)
    const response = await fetch(target, {
      ...init,
      redirect: 'manual',
      headers: {
        ...this.headers,
        ...(init.headers as Record<string, string> | undefined),
        ...this.#cookieHeader(target),
      },
    })
    this.#keep(response, target)
    return response
  }

  text(): string {
    return unescape(
      this.shown.html
        .replace(/<(script|style|svg)[\s\S]*?<\/\1>/g, '')
        .replace(/<\/?time[^>]*>/g, '') // stands within a sentence
        .replace(/<[^>]+>/g, ' '),
    ).replace(/[ \n\t]+/g, ' ')
  }

  heading(): string {
    return unescape(/<h1>([\s\S]*?)<\/h1>/.exec(this.shown.html)?.[1] ?? '')
  }

  refusal(): string {
    const summary = /<div id="error-summary"[^>]*>([\s\S]*?)<\/div>/.exec(this.shown.html)?.[1] ?? ''
    return unescape(summary.replace(/<\/?span[^>]*>/g, '').replace(/<[^>]+>/g, ' '))
      .replace(/ +/g, ' ')
      .trim()
  }

  /** The key that the enrolment page shows as text. */
  key(): string {
    const key = /id="totp-key"[^>]*>([^<]*)</.exec(this.shown.html)?.[1]
    if (key === undefined) throw new Error(`no key on ${this.shown.url}: ${this.text().slice(0, 200)}`)
    return key.replace(/\s/g, '')
  }

  /** Name, value and path of every cookie it holds. */
  cookies(): { name: string; value: string; path: string }[] {
    return [...this.#cookies].map(([id, { value, path }]) => ({ name: id.split(';')[0] ?? '', value, path }))
  }

  forgetCookies(): void {
    this.#cookies.clear()
  }

  /** Closed and opened again: the session ends with it, what is kept for longer stays. */
  reopen(): void {
    for (const id of this.#cookies.keys()) if (/session/.test(id)) this.#cookies.delete(id)
  }

  cookie(name: string): string | undefined {
    return [...this.#cookies].find(([id]) => id.startsWith(`${name};`))?.[1].value
  }

  setCookie(name: string, value: string, path = '/'): void {
    this.#cookies.set(`${name};${path}`, { value, path })
  }

  /** A second browser with the same cookies: another tab, or a thief's copy. */
  clone(): Browser {
    const copy = new Browser({ url: this.#home }, this.headers)
    copy.#cookies = new Map(this.#cookies)
    copy.shown = this.shown
    return copy
  }

  async #go(
    method: string,
    url: string,
    body?: string,
    headers: Record<string, string> = {},
  ): Promise<Shown> {
    let target = new URL(url)
    let init: RequestInit =
      body === undefined
        ? { method, headers }
        : { method, body, headers: { ...formHeaders(url), ...headers } }
    for (let hops = 0; hops < 15; hops += 1) {
      const response = await this.request(target.href, init)
      const location = response.headers.get('location')
      if (location === null) {
        this.shown = {
          status: response.status,
          url: target.href,
          html: await response.text(),
          headers: response.headers,
        }
        return this.shown
      }
      await response.body?.cancel()
      target = new URL(location, target)
      init = { method: 'GET' }
      if (target.origin !== new URL(this.#home).origin) {
        this.shown = { status: response.status, url: target.href, html: '', headers: response.headers }
        return this.shown
      }
    }
    throw new Error(`too many redirects, last to ${target.href}`)
  }

  #cookieHeader({ pathname }: URL): Record<string, string> {
    const sent = [...this.#cookies]
      .filter(
        ([, { path }]) => pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`),
      )
      .sort(([, a], [, b]) => b.path.length - a.path.length) // longer paths first (RFC 6265 §5.4)
    return sent.length === 0
      ? {}
      : { Cookie: sent.map(([id, { value }]) => `${id.split(';')[0]}=${value}`).join('; ') }
  }

  #keep(response: Response, target: URL): void {
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = cookie.split(';').map((part) => part.trim())
      const separator = pair.indexOf('=')
      const attribute = (name: string) =>
        attributes.find((text) => text.toLowerCase().startsWith(`${name}=`))?.slice(name.length + 1)
      const path = attribute('path') ?? target.pathname.replace(/\/[^/]*$/, '')
      const id = `${pair.slice(0, separator)};${path}`
      const isGone =
        attribute('expires') !== undefined && Date.parse(String(attribute('expires'))) <= Date.now()
      if (isGone) this.#cookies.delete(id)
      else this.#cookies.set(id, { value: pair.slice(separator + 1), path })
    }
  }
}

const stepIn = (url: string): string | undefined => /\/interaction\/[^/]+\/([^/?]+)/.exec(url)?.[1]

/** What a browser says of a form that one of our own pages sends. */
export function formHeaders(url: string): Record<string, string> {
  return {
    'Content-Type': 'application/x-www-form-urlencoded',
    'Origin': new URL(url).origin,
    'Sec-Fetch-Site': 'same-origin',
  }
}

const ENTITIES: Record<string, string> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&#x27;': "'",
}

function unescape(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot|#39|#x27);/g, (entity) => ENTITIES[entity] ?? entity)
}
