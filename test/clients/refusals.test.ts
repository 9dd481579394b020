// An application that is refused, and the operator who is told why by the page's own command.

import { expect, test } from '@jest/globals'
import { useStage } from './support/stage.js'

const stage = useStage()

test('one character too many in a redirect URI is named to the operator, and to nobody else', async () => {
  await stage.run(stage.section('Register').take('sh'))
  const asked = new URLSearchParams({
    client_id: 'horaire',
    response_type: 'code',
    scope: 'openid',
    redirect_uri: `${stage.application()}/callback/`,
  })
  const refused = await fetch(`${stage.issuer()}/auth?${asked.toString()}`)
  expect(refused.status).toBe(400)
  expect(await refused.text()).not.toContain('last character')

  const section = stage.section('When a client is refused')
  const told = await stage.run(section.take('sh'))
  expect(told).toContain('redirect URI differs in its last character')
  expect(told).toContain(refused.headers.get('x-support-code'))
  section.expectAllRun()
})
