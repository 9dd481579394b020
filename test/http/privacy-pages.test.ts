// docs/vie-privee.md and docs/privacy.md must name what is really kept: every table of the database, every
// cookie that a browser gets, and nothing that is not there.

import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Browser } from '../support/browser.js'
import { clock } from '../support/clock.js'
import { enrolFirst, givePassword } from '../support/journey.js'
import { registerRelyingParty } from '../support/relying-party.js'
import { useIdp } from '../support/use-idp.js'

const idp = await useIdp({ database: 'sqlite' })
const rp = await registerRelyingParty(idp, { sign_in_every_time: true })

const PAGES = ['vie-privee', 'privacy'].map((name) => ({
  name,
  text: readFileSync(join(import.meta.dirname, '..', '..', 'docs', `${name}.md`), 'utf8'),
}))

/** Names in the first cell of the rows of a section; both pages have theirs in the same order. */
function firstCells(text: string, section: number): string[] {
  const rows = (text.split('\n## ')[section] ?? '').split('\n').filter((line) => line.startsWith('| `'))
  return rows.flatMap((row) => (row.split(' | ')[0] ?? '').match(/[\w-]{3,}/g) ?? [])
}

const HELD = 2
const COOKIES = 3

test.each(PAGES)('$name.md names every table that holds something, and no other', async ({ text }) => {
  const tables = await idp.db('sqlite_master').where({ type: 'table' }).pluck<string[]>('name')
  const ours = tables.filter((name) => !/^(knex|sqlite)_/.test(name))
  expect(firstCells(text, HELD).toSorted()).toEqual(ours.toSorted())
})

test.each(PAGES)(
  '$name.md names every cookie of a first and a later access, and no other',
  async ({ text }) => {
    const person = await idp.createPerson()
    const browser = new Browser(idp)
    const seen = new Set<string>()
    const note = () => browser.cookies().forEach(({ name }) => seen.add(name.replace(/^laissez-passer-/, '')))
    await browser.open('/?lang=en')
    await browser.open(rp.begin().url)
    note()
    const { phone } = await enrolFirst(idp, rp, person, browser)
    note()
    clock.nextStep()
    await givePassword(browser, rp, person)
    await browser.submit({ code: phone.code(), rememberMe: 'yes' })
    note()
    const { headers } = await browser.request(rp.begin().url)
    const elsewhere = new Browser(idp)
    await elsewhere.open(headers.get('location') ?? '')
    elsewhere.cookies().forEach(({ name }) => seen.add(name.replace(/^laissez-passer-/, '')))
    const named = firstCells(text, COOKIES).map((name) =>
      name.replace(/^(__Host-|__Secure-|laissez-passer-)/, ''),
    )
    expect(named.toSorted()).toEqual([...seen].filter((name) => !name.endsWith('.sig')).toSorted())
  },
)

test('what one page says of a table or a cookie the other says too', () => {
  const [french, english] = PAGES.map(({ text }) =>
    [HELD, COOKIES].map((section) => firstCells(text, section)),
  )
  expect(french).toEqual(english)
})
