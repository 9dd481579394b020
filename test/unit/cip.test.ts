import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'

import { parseCip } from '../../src/accounts/cip.js'

describe('a CIP has one canonical form', () => {
  test.each([
    ['abcd1234', 'abcd1234'],
    ['ABCD1234', 'abcd1234'],
    ['  abcd1234 \n', 'abcd1234'],
    ['\u00a0abcd1234\u3000', 'abcd1234'], // non-breaking and ideographic spaces
    ['ＡＢＣＤ１２３４', 'abcd1234'], // full-width
    ['jean.st-pierre_2', 'jean.st-pierre_2'],
    ['ab', 'ab'],
    ['a'.repeat(32), 'a'.repeat(32)],
  ])('%j becomes %j', (input, canonical) => {
    expect(parseCip(input)).toBe(canonical)
  })

  test.each([
    ['nothing', ''],
    ['spaces alone', '   '],
    ['one sign', 'a'],
    ['33 signs', 'a'.repeat(33)],
    ['a Cyrillic look-alike', '\u0430bcd1234'],
    ['an accent', 'andré'],
    ['a space inside', 'ab cd'],
    ['a zero-width space', 'ab\u200bcd'],
    ['a line break and a forged log line', 'abcd\nSUCCESS'],
    ['a NUL', 'abcd\u0000'],
    ['SQL', "a' or 1=1--"],
    ['an address', 'abcd@example.org'],
  ])('%s is refused', (_what, input) => {
    expect(parseCip(input)).toBeUndefined()
  })

  test('parsing a canonical CIP changes nothing', () => {
    const typed = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.stringMatching(/^ ?[A-Za-z0-9._\-Ａ-Ｚ０-９]{2,32} ?$/),
    )
    fc.assert(
      fc.property(typed, (input) => {
        const cip = parseCip(input)
        if (cip === undefined) return
        expect(cip).toMatch(/^[a-z0-9._-]{2,32}$/)
        expect(parseCip(cip)).toBe(cip)
        expect(parseCip(cip.toUpperCase())).toBe(cip)
      }),
    )
  })
})

describe("the hospital's own pattern", () => {
  test('is matched against the canonical value', () => {
    expect(parseCip(' ABCD1234', /^[a-z]{4}\d{4}$/)).toBe('abcd1234')
    expect(parseCip('abc1234', /^[a-z]{4}\d{4}$/)).toBeUndefined()
  })

  test('covers the whole value although it has no anchors', () => {
    expect(parseCip('xabcd12345', /[a-z]{4}\d{4}/)).toBeUndefined()
    expect(parseCip('abcd12345', /[a-z]{4}|\d{4}/)).toBeUndefined()
  })

  test('gives the same answer at every call, whatever its flags', () => {
    const pattern = /[a-z]{4}\d{4}/gy
    expect([1, 2, 3].map(() => parseCip('abcd1234', pattern))).toEqual(['abcd1234', 'abcd1234', 'abcd1234'])
  })

  test('never lets in what the general form refuses', () => {
    expect(parseCip('andré', /.*/)).toBeUndefined()
  })
})
