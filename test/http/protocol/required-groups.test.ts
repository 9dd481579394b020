// An application that admits some groups alone. Threats: somebody who was in the group when they signed in
// and is no more, and a way around the page that says no.

import { describe, expect, test } from '@jest/globals'
import { Browser } from '../../support/browser.js'
import { clock } from '../../support/clock.js'
import { createEnrolled, OPERATOR, type EnrolledPerson } from '../../support/people.js'
import { access, answerOf, ask, read } from '../../support/protocol.js'
import { registerRelyingParty } from '../../support/relying-party.js'
import { useIdp } from '../../support/use-idp.js'

const idp = await useIdp({ expectedFailure: 'an account was changed past this program' })
const rp = await registerRelyingParty(idp, {
  client_id: 'pharmacie',
  client_name: 'Pharmacie <b>& cie</b>',
  grant_types: ['authorization_code', 'refresh_token'],
  required_groups: ['pharmaciens', 'pharmacie <chefs>'],
})
const open = await registerRelyingParty(idp, { client_id: 'ouverte' })

const update = (
  { person }: EnrolledPerson,
  changes: Parameters<typeof idp.services.profileUpdate.update>[1],
) => idp.services.profileUpdate.update(person, changes, OPERATOR, 'test')
const refusals = async ({ person }: EnrolledPerson) =>
  (await idp.services.store.auditEvents.listAfter(0, 10_000))
    .filter(({ event, accountId }) => event === 'access.refused' && accountId === person.id)
    .map(({ outcome, details }) => ({ outcome, ...(JSON.parse(details) as object) }))

async function admitted() {
  const somebody = await createEnrolled(idp)
  await update(somebody, { addGroups: ['soins', 'pharmacie <chefs>'] })
  return somebody
}
const pharmacist = await admitted()

describe('somebody in none of the groups', () => {
  test.each([
    ['fr-CA', 'Vous n’avez pas accès à cette application', 'Retourner à Pharmacie'],
    ['en', 'You have no access to this application', 'Back to Pharmacie'],
  ])('is told so after the sign-in, in %s, and the application gets access_denied', async (...texts) => {
    const [language, heading, button] = texts
    const somebody = await createEnrolled(idp)
    const browser = new Browser(idp, { 'Accept-Language': language })
    const { state } = await access(rp, somebody, browser)
    expect({ step: browser.step(), status: browser.shown.status, heading: browser.heading() }).toEqual({
      step: 'access',
      status: 403,
      heading,
    })
    expect(browser.text()).toContain(button)
    expect(browser.shown.html).toContain('Pharmacie &lt;b>&amp; cie&lt;/b>')
    expect(browser.shown.html).not.toContain('<b>& cie')
    expect(browser.shown.html).not.toContain('pharmaciens') // nobody learns what would open the door
    expect(browser.shown.html).toContain('href="/session/end"')
    await browser.submit({})
    expect(answerOf(browser.shown.url)).toMatchObject({ error: 'access_denied', state, iss: idp.url })
    expect(await refusals(somebody)).toEqual([
      {
        outcome: 'refused',
        client: 'pharmacie',
        at: 'resume',
        requires: 'pharmaciens, pharmacie <chefs>',
      },
    ])
  })

  test('is refused with a session too, silently where no page may be shown', async () => {
    const somebody = await createEnrolled(idp)
    const browser = new Browser(idp)
    await access(open, somebody, browser)
    const { callback } = await ask(rp, browser, { prompt: 'none' })
    expect(answerOf(callback)).toMatchObject({ error: 'access_denied' })
    await ask(rp, browser)
    expect(browser.step()).toBe('access')
    expect(await refusals(somebody)).toHaveLength(1)
  })

  test('gets past the page by no address and no other form', async () => {
    const somebody = await createEnrolled(idp)
    const browser = new Browser(idp)
    await access(rp, somebody, browser)
    const page = browser.shown.url
    for (const step of ['consent', 'done', 'password', 'one-time-code']) {
      await browser.open(page.replace('/access', `/${step}`))
      expect(browser.step()).toBe('access')
    }
    await browser.open(page.replace('/interaction/', '/auth/').replace('/access', ''))
    expect(browser.step()).toBe('access')
    await browser.submit({ decision: 'allow', consent: '{}' })
    expect(answerOf(browser.shown.url)).toMatchObject({ error: 'access_denied' })
  })

  test('is told of once in a quarter of an hour, however often the application asks', async () => {
    const somebody = await createEnrolled(idp)
    const browser = new Browser(idp)
    await access(open, somebody, browser)
    for (let again = 1; again <= 5; again += 1) await ask(rp, browser, { prompt: 'none' })
    expect(await refusals(somebody)).toHaveLength(1)
    clock.advance({ minutes: 16 })
    await ask(rp, browser, { prompt: 'none' })
    expect(await refusals(somebody)).toHaveLength(2)
  })
})

describe('somebody in one of them', () => {
  test('gets in, and renews in silence', async () => {
    const browser = new Browser(idp)
    const { callback, verifier } = await access(rp, pharmacist, browser)
    expect(await rp.userinfo((await rp.tokens(callback, verifier)).access_token)).toMatchObject({
      sub: pharmacist.person.id,
    })
    expect(answerOf((await ask(rp, browser, { prompt: 'none' })).callback)).toHaveProperty('code')
    expect(await refusals(pharmacist)).toEqual([])
  })

  test('and taken out of it, has nothing of what was given before', async () => {
    const somebody = await admitted()
    const browser = new Browser(idp)
    const { callback, verifier } = await access(rp, somebody, browser)
    const { access_token: token, refresh_token: refreshToken = '' } = await rp.tokens(callback, verifier)
    const second = await ask(rp, browser, { prompt: 'none' })
    await update(somebody, { removeGroups: ['pharmacie <chefs>'] })

    const refresh = () =>
      read(rp.post('/token', { grant_type: 'refresh_token', refresh_token: refreshToken }))
    expect(await refresh()).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    const exchanged = await read(rp.exchange(answerOf(second.callback)['code'] ?? '', second.verifier))
    expect(exchanged).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    expect(await rp.userinfo(token)).toMatchObject({ error: 'invalid_token' })
    expect((await read(rp.post('/token/introspection', { token }))).body).toEqual({ active: false })
    expect(answerOf((await ask(rp, browser, { prompt: 'none' })).callback)).toMatchObject({
      error: 'access_denied',
    })
    expect(await refusals(somebody)).toMatchObject([{ client: 'pharmacie', at: 'token' }])
    expect(answerOf((await ask(open, browser, { prompt: 'none' })).callback)).toHaveProperty('code')

    // Back in it, the refresh token serves: nothing was used up by the refusals.
    await update(somebody, { addGroups: ['pharmaciens'] })
    expect(await refresh()).toMatchObject({ status: 200 })
  })

  test('whose row was given the group past this program is no longer trusted at all', async () => {
    const somebody = await createEnrolled(idp)
    await idp.db('accounts').where({ id: somebody.person.id }).update({ groups: '["pharmaciens"]' })
    const browser = new Browser(idp)
    const { url } = rp.begin()
    await browser.open(url)
    await browser.submit({ cip: somebody.person.cip, password: somebody.person.password })
    expect({ step: browser.step(), status: browser.shown.status }).toEqual({ step: 'password', status: 422 })
  })
})
