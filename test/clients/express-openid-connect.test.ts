// express-openid-connect, which keeps its session in a sealed cookie.

import { expect, test } from '@jest/globals'
import { expectSignedIn, signIn } from './support/journey.js'
import { startApp } from './support/node-programs.js'
import { JULIE, useStage } from './support/stage.js'

const stage = useStage()

test('sign-in, claims, sign-out', async () => {
  const section = stage.section('express-openid-connect')
  await stage.run(section.take('sh'))
  await startApp(stage, 'express-openid-connect', section.take('js'))
  section.expectAllRun()

  const { page } = await stage.openBrowser()
  await page.goto(stage.application())
  await signIn(page, JULIE)
  await expectSignedIn(page, stage, JULIE)

  // Its sign-out comes back to the application, which asks for the next sign-in at once.
  await page.goto(`${stage.application()}/logout`)
  await page.waitForURL((url) => url.origin === stage.issuer())
  expect(new URL(page.url()).pathname).toMatch(/^\/interaction\/[^/]+\/password$/)
})
