// Which machine a browser says it runs on, by what real ones send.

import { expect, test } from '@jest/globals'
import { readMachine } from '../../interactions/sign-in/phone.js'

const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1'
const IPAD =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15'
const ANDROID_PHONE =
  'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36'
const ANDROID_TABLET =
  'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36'
const WINDOWS =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36'

test.each([
  ['an iPhone', IPHONE, '', { isPhone: true, phoneSystem: 'ios' }],
  ['an Android phone', ANDROID_PHONE, '?1', { isPhone: true, phoneSystem: 'android' }],
  [
    'an Android phone that says so in its user agent alone',
    ANDROID_PHONE,
    '',
    { isPhone: true, phoneSystem: 'android' },
  ],
  [
    'a phone of another kind',
    'Mozilla/5.0 (Mobile; rv:141.0)',
    '?1',
    { isPhone: true, phoneSystem: undefined },
  ],
  [
    'a tablet, which shows the QR code to a phone',
    ANDROID_TABLET,
    '?0',
    { isPhone: false, phoneSystem: undefined },
  ],
  ['an iPad', IPAD, '', { isPhone: false, phoneSystem: undefined }],
  ['a computer', WINDOWS, '?0', { isPhone: false, phoneSystem: undefined }],
  ['a program that says nothing', '', '', { isPhone: false, phoneSystem: undefined }],
])('%s', (_, userAgent, mobileHint, machine) => {
  expect(readMachine(userAgent, mobileHint)).toEqual(machine)
})
