import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { Browser, startWorld, type World } from './stand-in.js'

let world: World
beforeEach(async () => {
  world = await startWorld()
})
afterEach(() => world.close())

test('started before the provider, eEspresso says so and works as soon as the provider does', async () => {
  await world.closeProvider()
  const browser = new Browser()
  const page = await browser.open(world.rp)
  expect(page.status).toBe(503)
  expect(page.text).toContain('La page de connexion ne répond pas')
  expect(page.text).toContain('>Réessayer</a>')
  expect(page.text).not.toContain('fetch failed')
  expect(world.reports).toEqual([expect.stringContaining(`no discovery document at ${world.issuer}: `)])

  await world.openProvider()
  expect((await browser.open(world.rp)).text).toContain('Bonjour Marie Tremblay')
})

test('a provider that goes down during a sign-in leaves a page with a way on', async () => {
  const browser = new Browser()
  const { url } = await browser.open(world.rp, { stopAt: `${world.rp}/callback` })
  await world.closeProvider()
  const page = await browser.step(url)
  expect(page.status).toBe(503)
  expect(page.text).toContain('>Réessayer</a>')
})

test('whoever is signed in keeps reading while the provider is down', async () => {
  const browser = new Browser()
  await browser.open(world.rp)
  await world.closeProvider()
  expect((await browser.step(world.rp)).status).toBe(200)
})
