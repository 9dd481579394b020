// The page's first program: Express and openid-client.

import { test } from '@jest/globals'
import {
  expectArrivedAt,
  expectSignedIn,
  expectSignedOut,
  expectToldOfSignOut,
  press,
  signIn,
} from './support/journey.js'
import { startApp } from './support/node-programs.js'
import { JULIE, SAM, useStage } from './support/stage.js'

const stage = useStage()

test('sign-in, claims, sign-out, a sign-out from elsewhere', async () => {
  await stage.run(stage.section('Register').take('sh'))
  const section = stage.section('Node')
  await startApp(stage, 'openid-client', section.take('js'))
  section.expectAllRun()

  const { page } = await stage.openBrowser()
  await page.goto(stage.application())
  await signIn(page, JULIE)
  await expectSignedIn(page, stage, JULIE)

  await press(page, '/logout')
  await expectArrivedAt(page, stage, '/signed-out')
  await expectSignedOut(page, stage)

  await signIn(page, SAM)
  await expectSignedIn(page, stage, SAM)
  await expectToldOfSignOut(page, stage, SAM)
})
