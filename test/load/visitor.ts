// A browser of a benchmark: keeps cookies, comes from an address of its own (the provider trusts one proxy),
// and follows the page that waits as a person's browser does.

import { generateSync } from 'otplib'
import { randomBytes } from 'node:crypto'
import type { ProviderProcess } from './provider-process.ts'

const REFRESH_MS = 4_000

/** Where a password has led to: a step, or the status and the heading of a refusal. */
export type Outcome = { step: string; status: number; heading: string; took: number }

export function createVisitor({ url, clientId }: ProviderProcess, address: string, browserCookie = '') {
  const jar = new Map<string, string>()
  if (browserCookie !== '') jar.set('laissez-passer-browser', browserCookie)
  let html = ''

  async function request(target: string, body?: URLSearchParams): Promise<Response> {
    const response = await fetch(new URL(target, url), {
      redirect: 'manual',
      headers: {
        'X-Forwarded-For': address,
        'X-Forwarded-Proto': 'http',
        'Cookie': [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
      },
      ...(body === undefined ? {} : { method: 'POST', body }),
    })
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';')
      jar.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1))
    }
    html = await response.text()
    return response
  }

  /** Posts the page's form, and goes where it leads. */
  async function submit(step: string, fields: Record<string, string>): Promise<Response & { at: string }> {
    const csrf = /name="csrf" value="([^"]+)"/.exec(html)?.[1] ?? ''
    let at = step
    let response = await request(step, new URLSearchParams({ csrf, ...fields }))
    for (
      let next = response.headers.get('location');
      next?.startsWith('/') === true || next?.startsWith(url) === true;
      next = response.headers.get('location')
    ) {
      at = new URL(next, url).pathname
      response = await request(at)
    }
    return Object.assign(response, { at })
  }

  return {
    /** The sign-in page. */
    async open(): Promise<string> {
      const query = new URLSearchParams({
        client_id: clientId,
        response_type: 'code',
        redirect_uri: 'http://localhost:9/callback',
        scope: 'openid',
        code_challenge_method: 'S256',
        code_challenge: randomBytes(32).toString('base64url'),
      })
      const started = await request(`/auth?${query.toString()}`)
      const page = `${new URL(String(started.headers.get('location')), url).pathname}/password`
      await request(page)
      return page
    },

    /** Gives CIP and password and waits as long as the page says, or for so many milliseconds. */
    async givePassword(page: string, cip: string, password: string, patienceMs: number): Promise<Outcome> {
      const startedAt = performance.now()
      const took = () => performance.now() - startedAt
      let { at, status } = await submit(page, { cip, password })
      while (at.endsWith('/waiting') && took() < patienceMs) {
        await new Promise((resolve) => setTimeout(resolve, REFRESH_MS))
        const response = await request(at)
        status = response.status
        const next = response.headers.get('location')
        if (next !== null) {
          at = new URL(next, url).pathname
          status = (await request(at)).status
        }
      }
      const heading = /<h1>([^<]*)/.exec(html)?.[1] ?? ''
      return { step: at.split('/').at(-1) ?? '', status, heading, took: took() }
    },

    /** Enrols a first phone, and answers the cookie that makes this browser known. */
    async enrol(page: string): Promise<string> {
      const key = /id="totp-key"[^>]*>([^<]*)</.exec(html)?.[1]?.replace(/\s/g, '') ?? ''
      await submit(page.replace(/password$/, 'enrol'), {
        code: generateSync({ secret: key }),
        deviceName: 'Mon iPhone',
      })
      return jar.get('laissez-passer-browser') ?? ''
    },
  }
}
