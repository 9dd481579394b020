// Spring Boot 3: the page's configuration and bean, in a small application that Maven builds.

import { test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  expectArrivedAt,
  expectSignedIn,
  expectSignedOut,
  expectToldOfSignOut,
  signIn,
} from './support/journey.js'
import { JULIE, SAM, useStage } from './support/stage.js'
import { build, tool, workshop } from './support/tools.js'

const SOURCES = join(import.meta.dirname, 'spring-boot')
const read = (name: string) => readFileSync(join(SOURCES, name), 'utf8')

const stage = useStage()

test('sign-in, claims, sign-out, a sign-out from elsewhere', async () => {
  const section = stage.section('Java')
  await stage.run(section.take('sh'))
  const folder = workshop('spring-boot', {
    'pom.xml': read('pom.xml'),
    'src/main/resources/application.yml': section.take('yaml'),
    'src/main/java/ca/exemple/horaire/Horaire.java': read('Horaire.java').replace(
      '    // SecurityFilterChain\n',
      () => section.take('java'),
    ),
  })
  section.expectAllRun()
  await build(tool('mvn'), ['-B', '-ntp', '-q', 'package'], { cwd: folder })
  await stage.start(tool('java'), ['-jar', join(folder, 'target', 'horaire.jar')], {
    env: { CLIENT_SECRET: stage.secret(), SERVER_PORT: stage.applicationPort() },
    url: `${stage.application()}/signed-out`,
  })

  const { page } = await stage.openBrowser()
  await page.goto(stage.application())
  await signIn(page, JULIE)
  await expectSignedIn(page, stage, JULIE)

  await page.goto(`${stage.application()}/logout`)
  await page.click('button[type=submit]') // Spring's own page, which asks first
  await expectArrivedAt(page, stage, '/signed-out')
  await expectSignedOut(page, stage)

  await signIn(page, SAM)
  await expectSignedIn(page, stage, SAM)
  await expectToldOfSignOut(page, stage, SAM)
})
