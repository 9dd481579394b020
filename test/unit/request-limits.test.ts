import { describe, expect, test } from '@jest/globals'
import { lengthFault, REQUEST_LIMITS } from '../../src/oidc/request-limits.js'

describe('the length of a request', () => {
  test.each([
    ['state', 1024],
    ['nonce', 256],
    ['id_token_hint', 4096],
  ] as const)('%s: %i bytes are kept, one more is not', (name, most) => {
    expect(REQUEST_LIMITS[name]).toBe(most)
    expect(lengthFault({ [name]: 'x'.repeat(most) })).toBeUndefined()
    expect(lengthFault({ [name]: 'x'.repeat(most + 1) })).toBe(
      `${name} must not be longer than ${most} bytes`,
    )
  })

  test('all others together count, a hint does not', () => {
    const hint = { id_token_hint: 'x'.repeat(4096) }
    expect(lengthFault({ scope: 'x'.repeat(800), claims: 'x'.repeat(736), ...hint })).toBeUndefined()
    expect(lengthFault({ scope: 'x'.repeat(800), claims: 'x'.repeat(737) })).toBe(
      'all parameters together must not be longer than 1536 bytes',
    )
    expect(lengthFault({ resource: ['x'.repeat(800), 'x'.repeat(800)] })).toBeDefined()
  })

  test('bytes count, not signs: what is kept is UTF-8', () => {
    expect(lengthFault({ state: 'é'.repeat(512) })).toBeUndefined()
    expect(lengthFault({ state: 'é'.repeat(513) })).toBeDefined()
  })

  test('nothing is no fault', () => {
    expect(lengthFault({ state: undefined, claims: undefined })).toBeUndefined()
  })
})
