// The page’s script counts and judges a new password as the server does: what it lets through and the server
// would refuse costs a page, what it keeps back and the server would take would shut a person out.

import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  ownWords,
  passwordFaults,
  type OwnWords,
  type PasswordFault,
} from '../../src/accounts/password-policy.js'
import { packageRoot } from '../../src/config/package-root.js'

type Typed = { password: string; confirmation: string; faults: readonly string[] }
type Script = {
  lengthOf: (password: string) => number
  faultsOf: (password: string, limits: { min: number; max: number; own: OwnWords }) => string[]
  stateOf: (rule: string, typed: Typed) => string
}
const path = join(packageRoot(), 'interactions', 'assets', 'new-password.js')
const { lengthOf, faultsOf, stateOf } = (await import(pathToFileURL(path).href)) as Script

const MIN = 14
const MAX = 20
const NAMES = ['CIUSSS de l’Estrie – CHUS', 'Eastern Townships Health', 'CHUS']
const OWNERS = [
  { cip: 'trem0042', name: 'Marie-Ève Tremblay St-Pierre' },
  { cip: 'ab', name: 'Zoé Cœur' },
  { cip: 'j.o-x_1', name: '李 小龙' },
]
type Owner = { cip: string; name: string }

/** Known to the server alone. */
const ON_SERVER: ReadonlySet<PasswordFault> = new Set(['on-blocklist', 'same-as-current'])

const onServer = (password: string, owner: Owner): string[] =>
  passwordFaults(password, owner, {
    minLength: MIN,
    maxLength: MAX,
    organisationNames: NAMES,
    blocklist: new Set(),
  }).filter((fault) => !ON_SERVER.has(fault))
const onPage = (password: string, owner: Owner): string[] =>
  faultsOf(password, { min: MIN, max: MAX, own: ownWords(owner, NAMES) })

const CASES: [password: string, count: number, faults: string[]][] = [
  ['', 0, ['too-short']],
  ['trois chats', 11, ['too-short']],
  ['e\u0301te\u0301 a\u0300 la mer', 12, ['too-short']],
  ['été à la plages', 15, []],
  ['🐟🌲🚲🍁🎻🧊🪁🦉🐌🍄🐟🌲🚲', 13, ['too-short']],
  ['🐟🌲🚲🍁🎻🧊🪁🦉🐌🍄🐟🌲🚲🍁', 14, []],
  ['👩‍⚕️👩‍⚕️👩‍⚕️👩‍⚕️', 16, []],
  ['onze girafes vertes!', 20, []],
  ['onze girafes vertes!!', 21, ['too-long']],
  ['xx Trem.00-42 yyyy', 18, ['contains-cip']],
  ['ＴＲＥＭ００４２ ok ok ok', 17, ['contains-cip']],
  ['ab 1234567890 ab', 16, []],
  ['marie en vacances', 17, ['contains-name']],
  ['T r e m b l a y !!', 18, ['contains-name']],
  ['le CHUS de mon coin', 19, ['contains-organisation']],
  ['townships bien vertes', 21, ['too-long', 'contains-organisation']],
  ['quatre\u0007chiens', 13, ['too-short', 'has-control-characters']],
  ['quatre chiens \ud800', 15, ['has-control-characters']],
]

describe('the page and the server', () => {
  test.each(CASES)('say the same of %j', (password, count, faults) => {
    const [owner = { cip: '', name: '' }] = OWNERS
    expect(lengthOf(password)).toBe(count)
    expect(onPage(password, owner)).toEqual(faults)
    expect(onServer(password, owner)).toEqual(faults)
  })

  test('say the same of every case for every person', () => {
    for (const owner of OWNERS)
      for (const [password] of CASES) expect(onPage(password, owner)).toEqual(onServer(password, owner))
    expect(onPage('cœur de pirate oui', { cip: 'ab', name: 'Zoé Cœur' })).toEqual(['contains-name'])
    expect(onPage('ab12ab34ab56ab78', { cip: 'ab', name: 'Zoé Cœur' })).toEqual(['contains-cip'])
  })

  test('say the same of whatever may be typed', () => {
    const pieces = fc.constantFrom(
      'marie',
      'ÈVE',
      'trem',
      '0042',
      'ab',
      '12',
      ' ',
      '-',
      'CHUS',
      'œ',
      'é',
      '小龙',
    )
    const typed = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.array(pieces, { maxLength: 10 }).map((all) => all.join('')),
    )
    fc.assert(
      fc.property(typed, fc.constantFrom(...OWNERS), (password, owner) => {
        expect(onPage(password, owner)).toEqual(onServer(password, owner))
      }),
      { numRuns: 500 },
    )
  })
})

describe('a rule', () => {
  const state = (rule: string, password: string, confirmation = ''): string =>
    stateOf(rule, {
      password,
      confirmation,
      faults: onPage(password, { cip: 'trem0042', name: 'Marie Roy' }),
    })

  test('of what may still come is open, and no reproach', () => {
    for (const rule of ['length', 'cip', 'name', 'organisation', 'same']) expect(state(rule, '')).toBe('open')
    expect(state('length', 'onze')).toBe('open')
    expect(state('same', 'onze girafes vertes', 'onze gir')).toBe('open')
  })

  test('is met or broken at once', () => {
    expect(state('length', 'onze girafes vertes')).toBe('met')
    expect(state('length', 'onze girafes vertes et bleues')).toBe('unmet')
    expect(state('cip', 'onze')).toBe('met')
    expect(state('cip', 'trem0042')).toBe('unmet')
    expect(state('name', 'marie')).toBe('unmet')
    expect(state('organisation', 'chus')).toBe('unmet')
    expect(state('same', 'onze girafes vertes', 'onze chats')).toBe('unmet')
    expect(state('same', 'étés', 'e\u0301te\u0301s')).toBe('met')
  })
})
