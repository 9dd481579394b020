// oauth2-proxy in front of an application that knows nothing of OpenID Connect: it shows the headers it gets.

import { afterAll, beforeAll, test } from '@jest/globals'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import frCA from '../../interactions/locales/fr-CA.json' with { type: 'json' }
import { expectArrivedAt, expectSignedIn, expectSignedOut, signIn } from './support/journey.js'
import { RELEASES } from './support/releases.js'
import { JULIE, useStage } from './support/stage.js'
import { build, tool, workshop } from './support/tools.js'

const MODULE = `github.com/oauth2-proxy/oauth2-proxy/v7@v${RELEASES['oauth2-proxy']}`

const stage = useStage()
let behind: Server
beforeAll(async () => {
  behind = createServer(({ url, headers }, response) => {
    const person = { cip: headers['x-forwarded-preferred-username'], name: JULIE.name }
    response.end(url === '/signed-out' ? 'Au revoir' : JSON.stringify(person))
  })
  await new Promise<void>((resolve) => behind.listen(0, 'localhost', resolve))
})
afterAll(async () => {
  behind.closeAllConnections()
  await new Promise((resolve) => behind.close(resolve))
})

test('sign-in, the CIP in a header, a sign-out without hint', async () => {
  const section = stage.section('oauth2-proxy')
  await stage.run(section.take('sh'))
  const folder = workshop('oauth2-proxy')
  await build(tool('go'), ['install', MODULE], { cwd: folder, env: { GOBIN: folder } })
  await stage.start('bash', ['-euc', section.take('sh')], {
    env: {
      PATH: `${folder}:${process.env['PATH'] ?? ''}`,
      OAUTH2_PROXY_HTTP_ADDRESS: new URL(stage.application()).host,
      OAUTH2_PROXY_UPSTREAMS: `http://localhost:${(behind.address() as AddressInfo).port}/`,
    },
  })

  const { page } = await stage.openBrowser()
  await page.goto(stage.application())
  await signIn(page, JULIE)
  await expectSignedIn(page, stage, JULIE)

  await page.goto(section.take('text').trim())
  await page.click(`text="${frCA['sign-out.submit']}"`)
  await expectArrivedAt(page, stage, '/signed-out')
  await expectSignedOut(page, stage)
  section.expectAllRun()
})
