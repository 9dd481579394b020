// One request as the pages see it, and what they answer. Knows HTTP, knows nothing of signing in.

import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Language } from './language.js'
import type { Session } from './sessions.js'

const MOST_BYTES = 32_768

export interface Visit {
  url: URL
  cookies: ReadonlyMap<string, string>
  form: URLSearchParams
  session: Session | undefined
  language: Language
  /** the language the person asked for by the switch, if ever */
  chosenLanguage: Language | undefined
}

export interface Reply {
  status: number
  headers?: Record<string, string>
  cookies?: string[]
  body?: string
}

/** 303, so that a POST is followed by a GET (RFC 9110 §15.4.4). */
export function seeOther(location: string, cookies: string[] = []): Reply {
  return { status: 303, headers: { location }, cookies }
}

export function readCookies(header: string | undefined): Map<string, string> {
  const pairs = (header ?? '').split(';').map((pair) => pair.trim().split('='))
  return new Map(pairs.map(([name = '', ...value]) => [name, value.join('=')]))
}

/** The form a request carries; nothing when it is too long. */
export async function readForm(request: IncomingMessage): Promise<URLSearchParams | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MOST_BYTES) return undefined
    chunks.push(chunk)
  }
  const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false
  return new URLSearchParams(isForm ? Buffer.concat(chunks).toString('utf8') : '')
}

/**
 * Whether a POST comes from our own pages. Browsers always say where a form was posted from; a request that says nothing
 * comes from a program, which holds nobody's cookies.
 */
export function isOwnPost(headers: IncomingHttpHeaders, baseUrl: string): boolean {
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site === 'same-origin'
  return headers.origin === undefined || headers.origin === baseUrl
}
