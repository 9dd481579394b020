// Threat: an operator who watches the wrong thing: figures that stop when the database does, labels that
// anybody can fill the memory with, a route that names a person's sign-in.

import { afterAll, describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { packageRoot, packageVersion } from '../../src/config/package-root.js'
import { Browser } from '../support/browser.js'
import { clock } from '../support/clock.js'
import { startIdp } from '../support/idp.js'
import { enrolFirst } from '../support/journey.js'
import { OPERATOR } from '../support/people.js'
import { registerRelyingParty } from '../support/relying-party.js'
import { METRICS_TOKEN } from '../support/settings.js'

const idp = await startIdp()
afterAll(() => idp.stop())
const rp = await registerRelyingParty(idp)

/** The figures by name and labels, as they are after ten seconds. */
async function read(): Promise<Map<string, number>> {
  clock.advance({ seconds: 10 })
  const answer = await fetch(`${idp.url}/metrics`, { headers: { Authorization: `Bearer ${METRICS_TOKEN}` } })
  expect(answer.status).toBe(200)
  const lines = (await answer.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  )
}
const ours = (name: string): string => `laissez_passer_${name}`
const accounts = (figures: Map<string, number>) =>
  ['disabled', 'enrolled', 'not-enrolled'].map((state) => figures.get(ours(`accounts{state="${state}"}`)))

describe('the figures', () => {
  test('tell who is enrolled, what waits, how old the keys are, and which program this is', async () => {
    const person = await idp.createPerson()
    await idp.createPerson()
    expect(accounts(await read())).toEqual([0, 0, 2])
    await enrolFirst(idp, rp, person)
    clock.advance({ seconds: 20 })
    const figures = await read()
    expect(accounts(figures)).toEqual([0, 1, 1])
    expect(figures.get(ours('sign_ins_total'))).toBe(1)
    expect(figures.get(ours('mails_waiting'))).toBe(1) // « Votre téléphone est enregistré »
    expect(figures.get(ours('oldest_mail_seconds'))).toBeGreaterThanOrEqual(30)
    expect(figures.get(ours('database_connections{state="waiting"}'))).toBe(0)
    expect(figures.get(ours(`build_info{version="${packageVersion()}",node="${process.version}"}`))).toBe(1)
    expect([...figures.keys()].some((name) => name.startsWith(ours('signing_key_age_seconds{')))).toBe(true)
    await idp.readMail()
    expect((await read()).get(ours('mails_waiting'))).toBe(0)
    await idp.services.accountActions.resetSecondFactor(await idp.account(person.cip), OPERATOR, 'perdu')
    expect(accounts(await read())).toEqual([0, 0, 2])
    await idp.services.accountActions.disable(await idp.account(person.cip), OPERATOR, 'départ')
    expect(accounts(await read())).toEqual([1, 0, 1])
  })

  test('tell how many must wait', async () => {
    const { cip } = await idp.createPerson()
    const browser = new Browser(idp)
    await browser.open(rp.begin().url)
    for (let tries = 0; tries < 5; tries += 1) await browser.submit({ cip, password: 'faux-mot-de-passe' })
    expect((await read()).get(ours('waits'))).toBeGreaterThan(0)
  })

  test('count requests by route, method and status: no id, and nothing that a stranger could invent', async () => {
    const { browser } = await enrolFirst(idp, rp, await idp.createPerson())
    const inventions = ['/x', '/interaction/abc/invented', '/token/invented', '/assets/../x', '//', '/%00']
    for (const path of inventions) await fetch(`${idp.url}${path}`, { method: 'DELETE' })
    const routes = new Set<string>()
    for (const name of (await read()).keys()) {
      const route = /http_request_seconds_count\{route="([^"]*)"/.exec(name)?.[1]
      if (route !== undefined) routes.add(route)
    }
    expect(routes).toEqual(new Set([...routes].filter((route) => /^(other|\/[a-z.:/-]*)$/.test(route))))
    expect([...routes]).toEqual(expect.arrayContaining(['/auth', '/interaction/:uid/enrol', 'other']))
    expect([...routes].join()).not.toMatch(new RegExp(`invented|${browser.shown.url.slice(-20)}`))
    expect([...(await read()).keys()].join()).not.toContain('DELETE')
  })

  test('go on while the database is away, without those that are in it', async () => {
    await idp.db.raw('ALTER TABLE outbox RENAME TO outbox_away')
    const figures = await read()
    await idp.db.raw('ALTER TABLE outbox_away RENAME TO outbox')
    expect(figures.has(ours('mails_waiting'))).toBe(false)
    expect(figures.get(ours('sign_ins_total'))).toBeGreaterThan(0)
    expect((await read()).has(ours('mails_waiting'))).toBe(true)
  })
})

describe('the rules and the dashboard of docs/deploy', () => {
  const file = (name: string): string => readFileSync(join(packageRoot(), 'docs', 'deploy', name), 'utf8')
  const namesIn = (text: string): string[] => [...new Set(text.match(/laissez_passer_[a-z_]+/g))]

  test.each(['alerts.yaml', 'dashboard.json'])('%s asks for figures that there are', async (name) => {
    const there = new Set([...(await read()).keys()].map((one) => one.replace(/\{.*/, '')))
    const answer = await fetch(`${idp.url}/metrics`, {
      headers: { Authorization: `Bearer ${METRICS_TOKEN}` },
    })
    const types = [...(await answer.text()).matchAll(/^# TYPE (\S+)/gm)]
    for (const [, one = ''] of types) there.add(one)
    expect(namesIn(file(name)).length).toBeGreaterThan(5)
    expect(namesIn(file(name)).filter((one) => !there.has(one))).toEqual([])
  })

  test('each alert says what to do, in both languages of the team', () => {
    const { groups } = parse(file('alerts.yaml')) as {
      groups: { rules: { alert: string; annotations: Record<string, string> }[] }[]
    }
    const rules = groups.flatMap((group) => group.rules)
    expect(rules.length).toBeGreaterThan(5)
    for (const { alert, annotations } of rules)
      expect({ alert, says: Object.keys(annotations) }).toEqual({ alert, says: ['summary', 'resume'] })
  })
})
