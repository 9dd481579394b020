// Authlib with Flask. Flask calls its cookie `session`: in one browser with ours, on the same host, both must
// live.

import { expect, test } from '@jest/globals'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expectArrivedAt, expectSignedIn, expectSignedOut, press, signIn } from './support/journey.js'
import { pinned } from './support/releases.js'
import { JULIE, useStage } from './support/stage.js'
import { pythonWith } from './support/tools.js'

const stage = useStage()

test('sign-in, claims, sign-out, beside Flask’s own session', async () => {
  await stage.run(stage.section('Register').take('sh'))
  const section = stage.section('Python')
  writeFileSync(join(stage.folder(), 'authlib_app.py'), section.take('python'))
  section.expectAllRun()
  const python = await pythonWith('authlib', [pinned('Authlib'), pinned('Flask'), 'requests'])
  const flask = ['-m', 'flask', '--app', 'authlib_app.py', 'run', '--host', 'localhost', '--port']
  await stage.start(python, [...flask, stage.applicationPort()], {
    env: {
      ISSUER_URL: stage.issuer(),
      CLIENT_ID: 'horaire',
      CLIENT_SECRET: stage.secret(),
      COOKIE_SECRET: 'a secret of the application alone',
    },
    url: `${stage.application()}/signed-out`,
  })

  const { page, context } = await stage.openBrowser()
  await page.goto(stage.application())
  await signIn(page, JULIE)
  await expectSignedIn(page, stage, JULIE)

  const cookies = await context.cookies(stage.application())
  const names = cookies.map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining(['session', 'laissez-passer-session']))
  await context.clearCookies({ name: 'session' })
  await page.goto(stage.application()) // the provider's own session is there still: no page is shown
  await expectSignedIn(page, stage, JULIE)

  await press(page, '/logout')
  await expectArrivedAt(page, stage, '/signed-out')
  await expectSignedOut(page, stage)
})
