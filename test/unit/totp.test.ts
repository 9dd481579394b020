import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { generateSync } from 'otplib'
import {
  encodeKey,
  findStepNearby,
  matchStep,
  otpauthLink,
  parseCode,
  SECRET_BYTES,
  stepAt,
} from '../../src/second-factors/totp.js'

// RFC 6238 appendix B, SHA-1, cut to six digits as RFC 4226 §5.3 does.
const RFC_SECRET = Buffer.from('12345678901234567890')
const RFC_VECTORS: [seconds: number, code: string][] = [
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
]

describe('codes are those of RFC 6238', () => {
  test.each(RFC_VECTORS)('at second %i it is %s', (seconds, code) => {
    expect(matchStep(RFC_SECRET, code, seconds * 1000)).toBe(Math.floor(seconds / 30))
  })

  test('a key is twenty bytes, written in base32 without padding', () => {
    expect(SECRET_BYTES).toBe(20)
    expect(encodeKey(RFC_SECRET)).toBe('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ')
  })

  test('the link names issuer, CIP and key, and nothing that an application might take otherwise', () => {
    const link = new URL(otpauthLink(RFC_SECRET, 'CIUSSS de l’Estrie & cie', 'tram1234'))
    expect(link.protocol).toBe('otpauth:')
    expect(decodeURIComponent(link.pathname)).toBe('/CIUSSS de l’Estrie & cie:tram1234')
    expect(link.searchParams.get('secret')).toBe('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ')
    expect(link.searchParams.get('issuer')).toBe('CIUSSS de l’Estrie & cie')
    expect(link.href).not.toContain('+') // Google Authenticator shows a plus sign as one
  })
})

describe('the time window', () => {
  const at = 1_700_000_010_000
  const codeAt = (offset: number): string =>
    generateSync({ secret: encodeKey(RFC_SECRET), epoch: Math.floor(at / 1000) + offset * 30 })

  test.each([
    [-2, false],
    [-1, true],
    [0, true],
    [1, true],
    [2, false],
  ])('a code %i steps away: accepted %s', (offset, isAccepted) => {
    expect(matchStep(RFC_SECRET, codeAt(offset), at)).toBe(isAccepted ? stepAt(at) + offset : undefined)
  })

  test.each([-20, -2, 2, 20])('a code %i steps away is found for the diagnosis alone', (offset) => {
    expect(findStepNearby(RFC_SECRET, codeAt(offset), at)).toBe(stepAt(at) + offset)
    expect(matchStep(RFC_SECRET, codeAt(offset), at)).toBeUndefined()
  })

  test.each([-22, 22])('a code %i steps away is not even found', (offset) => {
    expect(findStepNearby(RFC_SECRET, codeAt(offset), at)).toBeUndefined()
  })

  test('is the same at the first and the last millisecond of a step', () => {
    const start = stepAt(at) * 30_000
    const code = generateSync({ secret: encodeKey(RFC_SECRET), epoch: start / 1000 })
    for (const moment of [start - 30_000, start, start + 29_999, start + 59_999])
      expect(matchStep(RFC_SECRET, code, moment)).toBe(stepAt(at))
    for (const moment of [start - 30_001, start + 60_000])
      expect(matchStep(RFC_SECRET, code, moment)).toBeUndefined()
  })

  test('early in 1970 nothing is thrown', () => {
    for (const moment of [0, 1, 29_999, 60_000])
      expect(() => [
        matchStep(RFC_SECRET, '000000', moment),
        findStepNearby(RFC_SECRET, '000000', moment),
      ]).not.toThrow()
  })
})

describe('what a person types', () => {
  test.each([['123456'], ['123 456'], [' 123456 '], ['123\u00a0456'], ['1 2 3 4 5 6'], ['123\t456']])(
    '%j is the code 123456',
    (input) => {
      expect(parseCode(input)).toBe('123456')
    },
  )

  test.each([
    '',
    ' ',
    '12345',
    '1234567',
    '１２３４５６',
    '١٢٣٤٥٦',
    '12345a',
    '+12345',
    '-12345',
    '1e3',
    '12.345',
    '0x1234',
    '123-456',
    '123456\u0000',
    '12345\u200b6',
  ])('%j is none', (input) => {
    expect(parseCode(input)).toBeUndefined()
  })

  test('whatever parses is accepted or refused, never thrown at (M3)', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(2 ** 45), (input, now) => {
        const code = parseCode(input)
        if (code !== undefined) expect(code).toMatch(/^\d{6}$/)
        expect(() => matchStep(RFC_SECRET, code ?? '000000', now)).not.toThrow()
      }),
    )
  })
})
