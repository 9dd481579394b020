// A program on the person's own device, with openid-client: no secret, and a port that nobody registered.

import { expect, test } from '@jest/globals'
import { join } from 'node:path'
import { signIn } from './support/journey.js'
import { JULIE, useStage } from './support/stage.js'
import { workshop } from './support/tools.js'

type Native = {
  signIn: (settings: {
    issuer: string
    clientId: string
    open: (address: string) => void
  }) => Promise<Record<string, unknown>>
}

const stage = useStage()

test('sign-in in the browser, claims at the program; a second one shows no page', async () => {
  const section = stage.section('A native application')
  await stage.run(section.take('sh'))
  const folder = workshop('node', { 'native.mjs': section.take('js') })
  expect(await stage.run(section.take('sh'))).toMatch(/^client_id +horaire-mobile$/m)
  section.expectAllRun()

  const native = (await import(join(folder, 'native.mjs'))) as Native
  const { page } = await stage.openBrowser()
  const visits: Promise<unknown>[] = []
  const open = (address: string) => {
    visits.push(page.goto(address, { waitUntil: 'commit' }))
  }
  const settings = { issuer: stage.issuer(), clientId: 'horaire', open }
  const [person] = await Promise.all([native.signIn(settings), signIn(page, JULIE)])
  expect(person).toMatchObject({ cip: JULIE.cip, name: JULIE.name })
  await page.waitForURL(/^http:\/\/127\.0\.0\.1:\d+\/callback\?code=/)
  expect(await page.locator('body').textContent()).toBe('Vous pouvez fermer cette page.')

  expect(await native.signIn(settings)).toEqual(person)
  await Promise.all(visits) // the program knows enough before the browser has shown its last page
})
