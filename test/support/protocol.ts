// What the tests of the protocol share: a sign-in through any application, answers read as values, tokens
// verified with the published keys, and a small server where an application would listen.

import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  createLocalJWKSet,
  jwtVerify,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyOptions,
  type ProtectedHeaderParameters,
} from 'jose'
import type { Browser } from './browser.js'
import { clock } from './clock.js'
import { startIdp, type Idp } from './idp.js'
import { givePassword } from './journey.js'
import type { EnrolledPerson } from './people.js'
import { rawRequest } from './raw-request.js'
import type { RelyingParty } from './relying-party.js'

/** An authorization request's end: where the browser was sent, and what the application needs to go on. */
export type Access = { browser: Browser; callback: string; verifier: string; nonce: string; state: string }

/** Password and code, whatever the application asked for; a question for consent is answered with yes. */
export async function access(
  rp: RelyingParty,
  { person, phone }: EnrolledPerson,
  browser: Browser,
  parameters: Record<string, string | undefined> = {},
): Promise<Access> {
  const request = await givePassword(browser, rp, person, parameters as Record<string, string>)
  clock.nextStep()
  await browser.submit({ code: phone.code() })
  if (browser.step() === 'consent') await browser.submit({ decision: 'allow' })
  return { browser, callback: browser.shown.url, ...request }
}

/**
 * Sends a request without a person: what comes back at once, as the application's address and its parameters.
 */
export async function ask(
  rp: RelyingParty,
  browser: Browser,
  parameters: Record<string, string | undefined> = {},
): Promise<Access> {
  const request = rp.begin(parameters)
  await browser.open(request.url)
  return { browser, callback: browser.shown.url, ...request }
}

/** The parameters of an address the browser was sent to. */
export function answerOf(callback: string): Record<string, string> {
  const { searchParams, hash } = new URL(callback)
  return Object.fromEntries([...searchParams, ...new URLSearchParams(hash.slice(1))])
}

/** Verified with the keys that the provider publishes now; throws when it does not hold. */
export async function verify(
  idp: Pick<Idp, 'url'>,
  jwt: string,
  options: JWTVerifyOptions = {},
): Promise<{
  payload: JWTPayload
  header: ProtectedHeaderParameters & { alg: string; typ?: string; kid?: string }
}> {
  const keys = createLocalJWKSet((await (await fetch(`${idp.url}/jwks`)).json()) as JSONWebKeySet)
  const { payload, protectedHeader } = await jwtVerify(jwt, keys, {
    issuer: idp.url,
    currentDate: new Date(clock.now()),
    ...options,
  })
  return { payload, header: protectedHeader }
}

/** Reads an answer of an endpoint. */
export async function read(
  response: Response | Promise<Response>,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await response
  const text = await answer.text()
  return { status: answer.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) }
}

/**
 * A second provider under the same issuer, over the same database, as behind a balancer. `post` sends it a
 * form under the issuer's name.
 */
export async function startTwin(idp: Pick<Idp, 'url' | 'config'>) {
  const twin = await startIdp({ databaseUrl: idp.config.databaseUrl, settings: { ISSUER_URL: idp.url } })
  const { host } = new URL(idp.url)
  return {
    ...twin,
    async post(path: string, parameters: Record<string, string>, headers: Record<string, string> = {}) {
      const body = new URLSearchParams(parameters).toString()
      const all = {
        ...headers,
        'Host': host,
        'Content-Type': 'application/x-www-form-urlencoded',
        'Content-Length': String(body.length),
      }
      const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`)
      const answer = await rawRequest(twin.url, [`POST ${path} HTTP/1.1`, ...lines], body)
      return { status: answer.status, body: JSON.parse(answer.body) as Record<string, unknown> }
    },
  }
}

export type Received = { path: string; headers: IncomingHttpHeaders; form: Record<string, string> }

/** Where an application listens on loopback; it answers 200 unless `answers` says otherwise. */
export async function listen(name = 'localhost'): Promise<{
  url: string
  host: string
  received: Received[]
  answers: { status: number }
  stop: () => Promise<void>
}> {
  const received: Received[] = []
  const answers = { status: 200 }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const form = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()))
      received.push({ path: request.url ?? '', headers: request.headers, form })
      response.writeHead(answers.status).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, name, resolve))
  const host = `${name}:${(server.address() as AddressInfo).port}`
  return {
    url: `http://${host}`,
    host,
    received,
    answers,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
