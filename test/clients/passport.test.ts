// Passport, with the strategy that openid-client brings.

import { test } from '@jest/globals'
import { expectArrivedAt, expectSignedIn, expectSignedOut, press, signIn } from './support/journey.js'
import { startApp } from './support/node-programs.js'
import { JULIE, useStage } from './support/stage.js'

const stage = useStage()

test('sign-in, claims, sign-out', async () => {
  await stage.run(stage.section('Register').take('sh'))
  const section = stage.section('Passport')
  await startApp(stage, 'passport', section.example('passport.js'))
  section.expectAllRun()

  const { page } = await stage.openBrowser()
  await page.goto(stage.application())
  await signIn(page, JULIE)
  await expectSignedIn(page, stage, JULIE)

  await press(page, '/logout')
  await expectArrivedAt(page, stage, '/signed-out')
  await expectSignedOut(page, stage)
})
