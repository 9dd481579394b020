import { describe, expect, test } from '@jest/globals'
import { generateSync } from 'otplib'
import { diagnose } from '../../src/second-factors/diagnosis.js'
import { encodeKey, stepAt } from '../../src/second-factors/totp.js'

const NOW = 1_700_000_010_000
const CURRENT = Buffer.from('the current phone 20')
const OLD = Buffer.from('the removed phone 20')
const OLDER = Buffer.from('an older removed one')
const codeOf = (secret: Buffer, steps: number): string =>
  generateSync({ secret: encodeKey(secret), epoch: Math.floor(NOW / 1000) + steps * 30 })
const step = stepAt(NOW)
const intoStep = (NOW / 1000) % 30

describe('why a code was refused', () => {
  test('the code that was used last: wait for the next one', () => {
    expect(diagnose(codeOf(CURRENT, 0), NOW, [{ secret: CURRENT, lastStep: step }], [])).toEqual({
      kind: 'already-used',
      waitSeconds: Math.ceil(30 - intoStep),
    })
  })

  test('the next step’s code, used early: wait until it is over', () => {
    expect(diagnose(codeOf(CURRENT, 1), NOW, [{ secret: CURRENT, lastStep: step + 1 }], [])).toEqual({
      kind: 'already-used',
      waitSeconds: Math.ceil(60 - intoStep),
    })
  })

  test('a code before the last used one counts as used', () => {
    expect(diagnose(codeOf(CURRENT, -1), NOW, [{ secret: CURRENT, lastStep: step }], [])).toMatchObject({
      kind: 'already-used',
    })
  })

  test('a used code of long ago needs no wait', () => {
    expect(diagnose(codeOf(CURRENT, -1), NOW, [{ secret: CURRENT, lastStep: step - 1 }], [])).toEqual({
      kind: 'already-used',
      waitSeconds: 0,
    })
  })

  test('a last step more than ten minutes ahead is our own clock’s doing, one that is nearer is waited for', () => {
    const diagnoseAt = (lastStep: number) =>
      diagnose(codeOf(CURRENT, 0), NOW, [{ secret: CURRENT, lastStep }], [])
    expect(diagnoseAt(step + 20)).toMatchObject({ kind: 'already-used' })
    expect(diagnoseAt(step + 21)).toEqual({ kind: 'server-clock' })
    expect(diagnose(codeOf(CURRENT, 0), NOW, [{ secret: OLD, lastStep: step + 21 }], [])).toEqual({
      kind: 'unknown',
    })
  })

  test('after the server’s clock went back, the last code is used, not « ahead » (OTP-12)', () => {
    expect(diagnose(codeOf(CURRENT, 10), NOW, [{ secret: CURRENT, lastStep: step + 10 }], [])).toMatchObject({
      kind: 'already-used',
    })
  })

  test.each([
    [-20, -600],
    [-4, -120],
    [3, 90],
    [20, 600],
  ])('a phone %i steps off has a clock off by %i s', (steps, offsetSeconds) => {
    expect(diagnose(codeOf(CURRENT, steps), NOW, [{ secret: CURRENT, lastStep: step - 100 }], [])).toEqual({
      kind: 'clock',
      offsetSeconds,
    })
  })

  test('a code of a removed phone names that phone', () => {
    const removed = [
      { secret: OLD, name: 'Mon ancien iPhone' },
      { secret: OLDER, name: 'Le premier' },
    ]
    expect(diagnose(codeOf(OLDER, -1), NOW, [{ secret: CURRENT, lastStep: step }], removed)).toEqual({
      kind: 'removed-device',
      name: 'Le premier',
    })
    expect(diagnose(codeOf(OLD, 0), NOW, [{ secret: CURRENT, lastStep: step }], removed)).toEqual({
      kind: 'removed-device',
      name: 'Mon ancien iPhone',
    })
  })

  test('a code of an earlier QR code names its entry; of a device that was bound and removed, the device', () => {
    const earlier = [
      { secret: OLD, mark: '25 nov. 22 h 04' },
      { secret: OLDER, mark: '24 nov. 8 h 30' },
    ]
    const current = [{ secret: CURRENT, lastStep: step }]
    expect(diagnose(codeOf(OLDER, -1), NOW, current, [], earlier)).toEqual({
      kind: 'earlier-enrolment',
      mark: '24 nov. 8 h 30',
    })
    const removed = [{ secret: OLD, name: 'Mon ancien iPhone' }]
    expect(diagnose(codeOf(OLD, 0), NOW, current, removed, earlier)).toMatchObject({ kind: 'removed-device' })
    expect(diagnose(codeOf(CURRENT, 0), NOW, current, [], [{ secret: CURRENT, mark: '' }])).toMatchObject({
      kind: 'already-used',
    })
  })

  test('anything else is unknown', () => {
    expect(diagnose(codeOf(CURRENT, 200), NOW, [{ secret: CURRENT, lastStep: step }], [])).toEqual({
      kind: 'unknown',
    })
  })
})
