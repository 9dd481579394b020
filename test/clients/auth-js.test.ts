// Auth.js on Express: sign-in starts with a button on a page of its own.

import { test } from '@jest/globals'
import { expectArrivedAt, expectSignedIn, press, signIn } from './support/journey.js'
import { startApp } from './support/node-programs.js'
import { JULIE, useStage } from './support/stage.js'

const stage = useStage()

test('sign-in, claims, sign-out', async () => {
  const section = stage.section('Auth.js')
  await stage.run(section.take('sh'))
  await startApp(stage, 'auth-js', section.example('auth-js.js'))
  section.expectAllRun()

  const { page } = await stage.openBrowser()
  await page.goto(stage.application())
  await page.click('text=Laissez-passer')
  await signIn(page, JULIE)
  await expectSignedIn(page, stage, JULIE)

  await press(page, '/logout')
  await expectArrivedAt(page, stage, '/signed-out')
  await page.goto(stage.application())
  await page.click('text=Laissez-passer')
  await page.waitForURL(/\/interaction\/[^/]+\/password$/)
})
