// Groups as an application gets them, and the page for whoever is in none that it admits: the page's own
// command, in a browser.

import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createServer, type Server } from 'node:http'
import frCA from '../../interactions/locales/fr-CA.json' with { type: 'json' }
import { signIn } from './support/journey.js'
import { JULIE, useStage } from './support/stage.js'

const CHALLENGE = 'E9Melhoa2OwvFrEGTJguCHaoeK1t8URWBuGJSstw-cM'

const stage = useStage()
let server: Server
beforeAll(async () => {
  server = createServer(({ url }, response) => response.end(url))
  await new Promise<void>((resolve) => server.listen(Number(stage.applicationPort()), 'localhost', resolve))
})
afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

test('who is in none of the groups is told so, and gets in once an operator has added her', async () => {
  const section = stage.section('Groups')
  await stage.run(section.take('sh'))
  section.expectAllRun()
  const request = new URL('/auth', stage.issuer())
  request.search = new URLSearchParams({
    client_id: 'rapports',
    response_type: 'code',
    redirect_uri: `${stage.application()}/callback`,
    scope: 'openid groups',
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
  }).toString()

  const { page } = await stage.openBrowser()
  await page.goto(request.href)
  await signIn(page, JULIE)
  await page.waitForURL(/\/interaction\/[^/]+\/access$/)
  expect(await page.locator('h1').textContent()).toBe(frCA['access.title'])
  await page.click('button.primary')
  await page.waitForURL((url) => url.searchParams.get('error') === 'access_denied')

  await stage.operate('account', 'update', JULIE.cip, '--add-group', 'horaire-chefs', '--reason', 'test')
  await page.goto(request.href)
  await page.waitForURL((url) => url.searchParams.has('code'))
})
