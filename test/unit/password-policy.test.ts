import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'

import { loadBlocklist } from '../../src/accounts/blocklist.js'
import { normalisePassword, passwordFaults } from '../../src/accounts/password-policy.js'
import type { PasswordFault } from '../../src/accounts/password-policy.js'

const blocklist = loadBlocklist()
const rules = { minLength: 14, maxLength: 20, organisationNames: ['CIUSSS de l’Estrie – CHUS'], blocklist }
const owner = { cip: 'trem0042', name: 'Marie-Ève Tremblay St-Pierre' }

const faultsOf = (password: string, changes: Partial<typeof owner & typeof rules> = {}): PasswordFault[] =>
  passwordFaults(password, { ...owner, ...changes }, { ...rules, ...changes })

describe('length is counted in code points', () => {
  const alphabets = {
    'ASCII': 'kvwzqjxbpfhgdnyotsrc',
    'precomposed é': 'é'.repeat(20),
    'decomposed é': 'e\u0301'.repeat(20),
    'emoji': '🐟🌲🚲🍁🎻🧊🪁🦉🐌🍄🐟🌲🚲🍁🎻🧊🪁🦉🐌🍄',
  }
  const firstOf = (text: string, count: number): string =>
    Array.from(text.normalize('NFC')).slice(0, count).join('')

  test.each(Object.entries(alphabets))('%s: 13 too short, 14 and 20 accepted, 21 too long', (name, text) => {
    const form = name === 'decomposed é' ? 'NFD' : 'NFC'
    const made = (count: number): string => firstOf(text + text, count).normalize(form)
    expect(faultsOf(made(13))).toEqual(['too-short'])
    expect(faultsOf(made(14))).toEqual([])
    expect(faultsOf(made(20))).toEqual([])
    expect(faultsOf(made(21))).toEqual(['too-long'])
  })

  test('the limits come from the rules', () => {
    expect(faultsOf('kvwzqjxbpfhgdnyotsrc'.repeat(3), { maxLength: 64 })).toEqual([])
    expect(faultsOf('kvwzqjxbpfhgdn', { minLength: 15 })).toEqual(['too-short'])
  })

  test('NFC and NFD forms of a password have the same faults', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 30 }), (password) => {
        expect(faultsOf(password.normalize('NFD'))).toEqual(faultsOf(password.normalize('NFC')))
      }),
    )
  })
})

describe('normalising', () => {
  test('composes accents, and neither trims nor folds case', () => {
    expect(normalisePassword(' E\u0301té ')).toBe(' Été ')
    expect(normalisePassword('Ａ')).toBe('Ａ')
  })
})

describe('no rule on composition', () => {
  test.each([
    'kvwzqjxbpfhgdn', // lower-case letters alone
    '83920174650213', // digits alone
    'un vélo sous la pluie'.slice(0, 20),
    'trois tasses de thé',
    'cheval agrafe pile',
    'le mardi on jardine',
    'mon hiver à la mer',
    'printemps sans lilas',
    'velvet-otter-canoe',
    '              x', // odd, but the person’s choice
  ])('%j is accepted', (password) => {
    expect(faultsOf(password)).toEqual([])
  })

  test('fourteen random lower-case letters are accepted', () => {
    const letters = fc.string({
      unit: fc.constantFrom(...Array.from('bcdfghjklnpqrsvwxyz')),
      minLength: 14,
      maxLength: 20,
    })
    const isVaried = (text: string): boolean => new Set(text).size >= 8
    fc.assert(fc.property(letters.filter(isVaried), (password) => expect(faultsOf(password)).toEqual([])))
  })
})

describe('the blocklist', () => {
  test('holds at least 3,000 passwords, each of 14 to 20 code points', () => {
    expect(blocklist.size).toBeGreaterThanOrEqual(3000)
    expect(
      [...blocklist].filter((entry) => Array.from(entry).length < 14 || Array.from(entry).length > 20),
    ).toEqual([])
  })

  test('refuses each of its entries, capitals or not', () => {
    const isRefused = (entry: string): boolean => faultsOf(entry).includes('on-blocklist')
    expect([...blocklist].filter((entry) => !isRefused(entry) || !isRefused(entry.toUpperCase()))).toEqual([])
  })

  test.each([
    'motdepasse1234',
    'Mot de passe 1234',
    'MOT-DE-PASSE-1234',
    'azertyuiopqsdf',
    'Je t’aime mon amour',
    'bonjourbonjour',
    'P@ssw0rd123456',
  ])('refuses %j', (password) => {
    expect(faultsOf(password)).toEqual(['on-blocklist'])
  })

  test('compares the whole string: an entry inside a longer password is fine', () => {
    expect(faultsOf('bonjourbonjour kvw')).toEqual([])
  })

  test.each([
    'Hopital-2026!!',
    'Hôpital 2026 !!',
    'eEspresso-2026!',
    'eespresso eespresso',
    'LaissezPasser2026',
    'Laissez-passer!',
    'Logibec.Logibec1',
    'CIUSSS-hiver-2026',
    'automne2026automne',
    'Printemps2026!',
    '2026 Printemps !',
    'Été-2026-Été-2026',
    'Mon hopital 2026',
    'janvier-01-2026',
    'lundi mardi jeudi',
  ])('refuses the hospital, the product, a season or a month and a year: %j', (password) => {
    expect(faultsOf(password)).toContain('on-blocklist')
  })
})

describe('what belongs to the person or the organisation', () => {
  test.each<[PasswordFault, string]>([
    ['contains-cip', 'trem0042trem0042'],
    ['contains-cip', 'xq TREM-0042 kvwzj'],
    ['contains-name', 'xqkv MARIE zwjpq'],
    ['contains-name', 'xqkv-tremblay-zw'],
    ['contains-name', 'xqkv tremblây zw'],
    ['contains-name', 'stpierre xqkvzwj'],
    ['contains-name', 'st.pierre xqkvzwj'],
    ['contains-name', 'marieeve xqkvzwj'],
    ['contains-organisation', 'xqkvz ciusss zwj'],
    ['contains-organisation', 'xqkvz C.H.U.S. zwj'],
    ['contains-organisation', 'les bois d’Estrie'],
  ])('%s: %j', (fault, password) => {
    expect(faultsOf(password)).toEqual([fault])
  })

  test('a two-letter CIP is refused repeated or with digits, not inside words', () => {
    expect(faultsOf('dededededededede', { cip: 'de' })).toContain('contains-cip')
    expect(faultsOf('dede 2026 dede 26', { cip: 'de' })).toContain('contains-cip')
    expect(faultsOf('trois tasses de thé', { cip: 'de' })).toEqual([])
  })

  test('a CIP or a name without letters or digits refuses nothing', () => {
    expect(faultsOf('kvwzqjxbpfhgdn', { cip: '--', name: '' })).toEqual([])
    expect(
      faultsOf('🐟🌲🚲🍁🎻🧊🪁🦉🐌🍄🐟🌲🚲🍁', { cip: '__', name: '—', organisationNames: [''] }),
    ).toEqual([])
  })

  test('short and ordinary words of a name refuse nothing', () => {
    const organisationNames = ['Centre de santé et de services sociaux du CHU Sainte-Justine']
    expect(faultsOf('au centre des vents', { name: 'Li de la O', organisationNames })).toEqual([])
    expect(faultsOf('xqkv justine zwjpq', { organisationNames })).toEqual(['contains-organisation'])
    expect(faultsOf('xqkvzw CHU zwjpq', { organisationNames })).toEqual(['contains-organisation'])
  })
})

test.each([
  'kvwzqjx\u0000bpfhgdn',
  'kvwzqjx\tbpfhgdn',
  'kvwzqjx\nbpfhgdn',
  'kvwzqjx\u007fbpfhgdn',
  'kvwzqjx\ud83dbpfhgdn',
])('control characters and halves of pairs are refused: %j', (password) => {
  expect(faultsOf(password)).toEqual(['has-control-characters'])
})

test('every fault is told at once, without the password', () => {
  expect(faultsOf('marie\u0007')).toEqual(['too-short', 'contains-name', 'has-control-characters'])
})
