// openidconnect, for Rust: the page's example, in a small application.

import { test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expectArrivedAt, expectSignedIn, expectSignedOut, press, signIn } from './support/journey.js'
import { JULIE, useStage } from './support/stage.js'
import { build, tool, workshop } from './support/tools.js'

const SOURCES = join(import.meta.dirname, 'openidconnect-rs')
const read = (name: string) => readFileSync(join(SOURCES, name), 'utf8')

const stage = useStage()

test('sign-in, claims, sign-out', async () => {
  await stage.run(stage.section('Register').take('sh'))
  const section = stage.section('Rust')
  const folder = workshop('openidconnect-rs', {
    'Cargo.toml': read('Cargo.toml'),
    'Cargo.lock': read('Cargo.lock'),
    'src/main.rs': read('main.rs'),
    'src/sign_in.rs': section.example('sign_in.rs'),
  })
  section.expectAllRun()
  await build(tool('cargo'), ['build', '--quiet', '--locked'], { cwd: folder })
  await stage.start(join(folder, 'target', 'debug', 'horaire'), [], {
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
