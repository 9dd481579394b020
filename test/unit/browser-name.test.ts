import { expect, test } from '@jest/globals'
import { browserNameOf } from '../../src/sign-ins/browser-name.js'

const KHTML = 'AppleWebKit/537.36 (KHTML, like Gecko)'

test.each([
  [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${KHTML} Chrome/142.0.0.0 Safari/537.36`, 'Chrome (Windows)'],
  [`Mozilla/5.0 (Windows NT 10.0) ${KHTML} Chrome/142.0 Safari/537.36 Edg/142.0`, 'Edge (Windows)'],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0', 'Firefox (Linux)'],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1 Version/19.1 Mobile/1 Safari/604.1',
    'Safari (iPhone)',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) CriOS/142.0 Mobile/1 Safari/604.1',
    'Chrome (iPhone)',
  ],
  [
    `Mozilla/5.0 (Linux; Android 16; SM-S936W) ${KHTML} Chrome/142.0 Mobile Safari/537.36`,
    'Chrome (Android)',
  ],
  [`Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${KHTML} Chrome/142.0 Safari/537.36`, 'Chrome (ChromeOS)'],
  ['Firefox/1', 'Firefox'],
  ['curl/8.5.0', undefined],
  ['', undefined],
])('%s is %s', (userAgent, name) => {
  expect(browserNameOf(userAgent)).toBe(name)
})

test('nothing that a stranger has written is in the name', () => {
  expect(browserNameOf('Firefox/1 (Appelez le 1-900-555-0000; Windows)')).toBe('Firefox (Windows)')
  expect(browserNameOf(`${'x'.repeat(600)} Firefox/1`)).toBeUndefined()
})
