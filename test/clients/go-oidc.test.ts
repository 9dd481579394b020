// go-oidc: the page's example, in a small application.

import { test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expectArrivedAt, expectSignedIn, expectSignedOut, press, signIn } from './support/journey.js'
import { JULIE, useStage } from './support/stage.js'
import { build, tool, workshop } from './support/tools.js'

const SOURCES = join(import.meta.dirname, 'go-oidc')
const read = (name: string) => readFileSync(join(SOURCES, name), 'utf8')

const stage = useStage()

test('sign-in, claims, sign-out', async () => {
  await stage.run(stage.section('Register').take('sh'))
  const section = stage.section('Go')
  const folder = workshop('go-oidc', {
    'go.mod': read('go.mod'),
    'go.sum': read('go.sum'),
    'main.go': read('main.go'),
    'signin.go': section.example('signin.go'),
  })
  section.expectAllRun()
  await build(tool('go'), ['build', '-o', 'horaire', '.'], { cwd: folder })
  await stage.start(join(folder, 'horaire'), [], {
    env: { CLIENT_SECRET: stage.secret(), PORT: stage.applicationPort() },
    url: `${stage.application()}/signed-out`,
  })

  const { page } = await stage.openBrowser()
  await page.goto(stage.application())
  await signIn(page, JULIE)
  await expectSignedIn(page, stage, JULIE)

  await press(page, '/logout')
  await expectArrivedAt(page, stage, '/signed-out')
  await expectSignedOut(page, stage)
})
