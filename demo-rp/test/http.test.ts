import { once } from 'node:events'
import { request, type IncomingMessage, type RequestOptions } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createDemoRp } from '../src/app.js'
import { Browser, CLIENT_SECRET, startWorld, type World } from './stand-in.js'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.close())

/** A request that fetch would not make. */
async function send(options: RequestOptions, body: string[] = []) {
  const outgoing = request(world.rp, options)
  for (const part of body) outgoing.write(part)
  outgoing.end()
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
  return { status: response.statusCode, headers: response.headers, text: await text(response) }
}

function settings() {
  return { baseUrl: world.rp, issuerUrl: world.issuer, clientId: 'eespresso', clientSecret: CLIENT_SECRET }
}

/** One request to an application that is not the world's. */
async function stepAlone(app: ReturnType<typeof createDemoRp>, path: string, headers = {}) {
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    const { port } = server.address() as AddressInfo
    return await new Browser(headers).step(`http://127.0.0.1:${port}${path}`)
  } finally {
    server.close()
  }
}

function expectSecured(headers: Headers) {
  expect(headers.get('cache-control')).toBe('no-store')
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  const policy = headers.get('content-security-policy')
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("frame-ancestors 'none'")
  expect(policy).toContain(`form-action 'self' ${world.issuer}`)
}

describe('every answer', () => {
  test('is kept from caches, frames and scripts', async () => {
    expectSecured((await new Browser().open(world.rp)).headers)
  })

  test.each(['/nowhere', '/login?iss=x', '/sign-out', '/callback'])('so is %s, a problem', async (path) => {
    expectSecured((await new Browser().step(`${world.rp}${path}`)).headers)
  })

  test.each([
    ['/style.css', 'text/css; charset=utf-8'],
    ['/cup.svg', 'image/svg+xml'],
  ])('%s may be kept for an hour', async (path, type) => {
    const { status, headers } = await new Browser().step(`${world.rp}${path}`)
    expect(status).toBe(200)
    expect(headers.get('content-type')).toBe(type)
    expect(headers.get('cache-control')).toBe('max-age=3600')
  })
})

describe('methods and addresses', () => {
  test.each([
    ['GET', '/nowhere', 404],
    ['GET', '//attacker.example/callback', 404],
    ['GET', '/Login', 404],
    ['GET', '/login/', 404],
    ['POST', '/nowhere', 404],
    ['HEAD', '/nowhere', 404],
    ['HEAD', '/', 303],
    ['HEAD', '/signed-out', 200],
  ])('%s %s answers %i', async (method, path, status) => {
    expect((await new Browser().step(`${world.rp}${path}`, { method })).status).toBe(status)
  })

  test.each([
    ['PUT', '/', 'HEAD, GET'],
    ['POST', '/callback', 'HEAD, GET'],
    ['GET', '/sign-out', 'POST'],
    ['HEAD', '/confirm-identity', 'POST'],
    ['GET', '/backchannel-logout', 'POST'],
  ])('%s %s is not allowed', async (method, path, allowed) => {
    const { status, headers } = await new Browser().step(`${world.rp}${path}`, { method })
    expect(status).toBe(405)
    expect(headers.get('allow')).toBe(allowed)
  })

  test('a page that does not exist says so', async () => {
    const { text: page } = await new Browser().step(`${world.rp}/nowhere`)
    expect(page).toContain('Cette page n’existe pas')
  })

  test('HEAD answers as GET does, without the page', async () => {
    const [head, get] = await Promise.all(
      ['HEAD', 'GET'].map((method) => new Browser().step(`${world.rp}/signed-out`, { method })),
    )
    expect(head?.text).toBe('')
    for (const name of ['content-type', 'content-length', 'content-security-policy']) {
      expect(head?.headers.get(name)).toBe(get?.headers.get(name))
    }
  })

  test.each(['http://[', 'http://attacker.example/callback', '*'])(
    '%s is no address of a page',
    async (path) => {
      expect((await send({ path })).status).toBe(400)
      expect(world.reports).toEqual([])
    },
  )

  test('the Host header decides nothing', async () => {
    const browser = new Browser()
    const { url } = await browser.open(world.rp, { stopAt: `${world.rp}/callback` })
    const cookie = `eespresso_browser=${browser.cookies.get('eespresso_browser')}`
    const foreign = { 'host': 'attacker.example', 'x-forwarded-host': 'attacker.example' }
    const { pathname, search } = new URL(url)
    const { status, headers } = await send({ path: pathname + search, headers: { ...foreign, cookie } })
    expect(status).toBe(303)
    expect(headers.location).toBe(`${world.rp}/`)
  })
})

describe('cookies', () => {
  test('are HttpOnly and SameSite=Lax, and end with the browser', async () => {
    const browser = new Browser()
    const first = await browser.step(world.rp)
    expect(first.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^eespresso_browser=[\w-]{43}; path=\/; samesite=lax; httponly$/),
    ])
    const { url } = await browser.open(world.rp, { stopAt: `${world.rp}/callback` })
    expect((await browser.step(url)).headers.getSetCookie()).toEqual([
      expect.stringMatching(/^eespresso_session=[\w-]{43}; path=\/; samesite=lax; httponly$/),
    ])
  })

  test('a chosen language is kept for a year', async () => {
    const { headers } = await new Browser().step(`${world.rp}/signed-out?lang=en`)
    const [cookie = ''] = headers.getSetCookie()
    expect(cookie).toMatch(/^eespresso_language=en; path=\/; expires=[^;]+; samesite=lax; httponly$/)
    const expires = Date.parse(/expires=([^;]+)/.exec(cookie)?.[1] ?? '')
    expect(expires).toBeGreaterThan(Date.now() + 364 * 86_400_000)
  })

  test('are Secure where people come by https, though a proxy speaks http to us', async () => {
    const app = createDemoRp({ ...settings(), baseUrl: 'https://paie.exemple.ca' })
    const { headers } = await stepAlone(app, '/signed-out?lang=en')
    expect(headers.getSetCookie()).toEqual([
      expect.stringMatching(/^eespresso_language=en; .*; secure; httponly$/),
    ])
  })
})

describe('the language of a page', () => {
  test.each([
    ['en-US,en;q=0.9', 'en'],
    ['fr-CA,fr;q=0.8,en;q=0.5', 'fr-CA'],
    ['de, en;q=0.4, fr;q=0.6', 'fr-CA'],
    ['de', 'fr-CA'],
    ['en;q=0', 'fr-CA'],
    ['*', 'fr-CA'],
  ])('for a browser that asks for %s is %s', async (preferred, language) => {
    const { text: page } = await new Browser({ 'accept-language': preferred }).step(`${world.rp}/signed-out`)
    expect(page).toContain(`<html lang="${language}">`)
  })

  test('for whoever has signed out is the one their session had', async () => {
    expect((await new Browser().step(`${world.rp}/signed-out?state=en`)).text).toContain('<html lang="en">')
  })

  test('is chosen by the switch before all else', async () => {
    const browser = new Browser({ 'accept-language': 'fr' })
    await browser.step(`${world.rp}/signed-out?lang=en`)
    expect((await browser.step(`${world.rp}/signed-out?state=fr-CA`)).text).toContain('<html lang="en">')
    expect((await browser.step(`${world.rp}/nowhere`)).text).toContain('<html lang="en">')
  })
})

describe('a body', () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  const post = { method: 'POST', path: '/backchannel-logout' }

  test('too long is refused', async () => {
    const body = new URLSearchParams({ logout_token: 'x'.repeat(40_000) })
    const { status, headers } = await new Browser().step(`${world.rp}/backchannel-logout`, {
      method: 'POST',
      body,
    })
    expect(status).toBe(413)
    expect(headers.get('connection')).toBe('close')
    expectSecured(headers)
  })

  test('that does not say how long it is, is refused once it is too long', async () => {
    const parts = Array.from({ length: 40 }, () => 'x'.repeat(1_000))
    expect((await send({ ...post, headers: form }, parts)).status).toBe(413)
  })

  test('as long as it may be is read', async () => {
    const { status, text: answer } = await send({ ...post, headers: form }, [
      'logout_token=',
      'x'.repeat(32_000),
    ])
    expect(status).toBe(400)
    expect(JSON.parse(answer)).toMatchObject({ error_description: 'logout_token could not be verified' })
  })

  test('that is no form holds no token', async () => {
    const headers = { 'content-type': 'text/plain' }
    const { status, text: answer } = await send({ ...post, headers }, ['logout_token=x'])
    expect(status).toBe(400)
    expect(JSON.parse(answer)).toMatchObject({ error_description: 'logout_token is missing' })
  })
})

test('a bug is answered by a page that tells nothing of it, and is reported', async () => {
  const app = createDemoRp(settings())
  const bug = Object.assign(new Error('select * from people'), { status: 400 })
  app.use(() => {
    throw bug
  })
  const reported: unknown[] = []
  app.on('error', (error) => reported.push(error))
  const page = await stepAlone(app, '/nowhere', { 'accept-language': 'en' })

  expect(page.status).toBe(500)
  expect(page.text).toContain('Something went wrong')
  expect(page.text).not.toContain('people')
  expectSecured(page.headers)
  expect(reported).toEqual([bug])
})
