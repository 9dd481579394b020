// Threat: a device name that is more than a name: one that hides, that turns a line around, that begins
// another one, or that fills a page (WEB-5).

import { describe, expect, test } from '@jest/globals'
import { parseDeviceName } from '../../src/second-factors/device-name.js'

describe('the name of a device', () => {
  test.each([
    ['Mon iPhone', 'Mon iPhone'],
    ['  Téléphone d’Élise  ', 'Téléphone d’Élise'],
    ['e\u0301tage 2', 'étage 2'],
    ['a'.repeat(50), 'a'.repeat(50)],
    ['📱'.repeat(50), '📱'.repeat(50)],
    ['👩\u200d⚕️ garde', '👩\u200d⚕️ garde'],
    ['<b>=HYPERLINK("x")</b>', '<b>=HYPERLINK("x")</b>'], // inert wherever it is shown: that is the page's to do
  ])('%j is kept as %j', (typed, kept) => {
    expect(parseDeviceName(typed)).toBe(kept)
  })

  test.each([
    ['nothing', ''],
    ['spaces', ' \u00a0 '],
    ['51 characters', 'a'.repeat(51)],
    ['51 emoji', '📱'.repeat(51)],
    ['ten thousand', 'a'.repeat(10_000)],
    ['a line break', 'Mon\r\niPhone'],
    ['an escape of the terminal', 'Mon \u001b[31miPhone'],
    ['a NUL', 'Mon\u0000iPhone'],
    ['text turned around', 'Mon \u202eenohPi'],
    ['an isolate', 'Mon \u2066iPhone'],
    ['a line separator', 'Mon\u2028iPhone'],
    ['a soft hyphen', 'Mon\u00adiPhone'],
    ['half a character', 'Mon \ud83d'],
    ['what is never visible', '\u3164'],
    ['a lone joiner', '\u200d'],
  ])('%s is refused', (_what, typed) => {
    expect(parseDeviceName(typed)).toBeUndefined()
  })
})
