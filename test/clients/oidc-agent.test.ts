// Debian's oidc-agent: an agent in the background, and tokens for the command line.

import { expect, test } from '@jest/globals'
import { signIn } from './support/journey.js'
import { JULIE, useStage } from './support/stage.js'
import { tool } from './support/tools.js'

const stage = useStage()

test('sign-in, consent, claims by a token', async () => {
  const section = stage.section('oidc-agent')
  await stage.run(section.take('sh'))
  for (const name of ['oidc-agent', 'oidc-gen', 'oidc-token'] as const) tool(name)
  const note = 'trap "kill $OIDCD_PID" EXIT' // the agent goes on without its shell
  const program = await stage.start('bash', ['-euc', section.take('sh').replace('\n', `\n${note}\n`)], {
    env: { HOME: stage.folder(), OIDC_ENCRYPTION_PW: 'a password of the agent alone' },
    says: /http:\S+\/auth\?\S+/,
  })
  section.expectAllRun()

  const { page } = await stage.openBrowser()
  await page.goto(/http:\S+\/auth\?\S+/.exec(program.output())?.[0] ?? '')
  await signIn(page, JULIE)
  await page.click('[name=decision][value=allow]')
  await program.ended
  expect(program.output()).toContain(`"cip":"${JULIE.cip}"`)
})
