// The page that says what holds must not say more than is proved: every requirement is on it, and every test
// it names exists.

import { describe, expect, test } from '@jest/globals'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const docs = join(import.meta.dirname, '..', '..', 'docs')
const page = readFileSync(join(docs, 'security.md'), 'utf8')

/** How many requirements each family has. */
const FAMILIES = {
  'PW-': 11,
  'OTP-': 13,
  'ENR-': 11,
  'REC-': 7,
  'FLOW-': 10,
  'SES-': 8,
  'OIDC-': 15,
  'WEB-': 13,
  'RATE-': 6,
  'LOG-': 7,
  'PRIV-': 3,
  'R': 16,
}
const REQUIREMENTS = Object.entries(FAMILIES).flatMap(([family, count]) =>
  Array.from({ length: count }, (_, index) => `${family}${index + 1}`),
)

/** What a row may say in the place of a test: that there is none, or which benchmark measures it. */
const WITHOUT_A_TEST = /^(\*\*open\*\*|measured by `test\/load\/[a-z-]+\.ts`)$/

const rows = page.split('\n').flatMap((line) => {
  const [, id, what, proofs] = /^\| +((?:[A-Z]+-|R)\d+) +\| (.+) \| (.+) \|$/.exec(line) ?? []
  if (id === undefined || what === undefined || proofs === undefined) return []
  return [
    {
      id,
      isWithoutTest: WITHOUT_A_TEST.test(proofs.trim()),
      proofs: [...proofs.matchAll(/\[([^\]]+)\]\(([^)]+)\) “([^”]+)”/g)].map(
        ([, name = '', path = '', title = '']) => ({ name, path, title }),
      ),
    },
  ]
})

describe('docs/security.md', () => {
  test('has each requirement once, in order', () => {
    expect(rows.map(({ id }) => id)).toEqual(REQUIREMENTS)
  })

  test.each(rows)(
    '$id names tests that exist, or says what stands in their place',
    ({ proofs, isWithoutTest }) => {
      expect(proofs.length > 0).toBe(!isWithoutTest)
      expect(proofs.filter(({ path, title }) => !hasTest(join(docs, path), title))).toEqual([])
      expect(proofs.filter(({ name, path }) => !path.endsWith(`/${name}.test.ts`))).toEqual([])
    },
  )

  test('its links lead somewhere', () => {
    const links = [...page.matchAll(/\]\(([^)#]+)\)/g)].map(([, path = '']) => path)
    expect(links.filter((path) => !existsSync(join(docs, path)))).toEqual([])
  })

  test('the benchmarks and files it names are there', () => {
    const named = [...page.matchAll(/`((?:src|test)\/[^`]+)`/g)].map(([, path = '']) => path)
    expect(named.filter((path) => !existsSync(join(docs, '..', path)))).toEqual([])
  })
})

/** True when the file has a test of exactly that name. */
function hasTest(path: string, title: string): boolean {
  if (!existsSync(path)) return false
  const source = readFileSync(path, 'utf8')
  return [`'${title}'`, `\`${title}\``, `"${title}"`].some((quoted) => source.includes(quoted))
}
