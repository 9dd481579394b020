import { describe, expect, test } from '@jest/globals'
import { readConfig } from '../src/config.js'
import { createPendingSignIns } from '../src/oidc/pending-sign-ins.js'
import { MFA_ACR, stepUpOf, stepUpProblem } from '../src/oidc/step-up.js'

describe('settings', () => {
  test('only the secret has no default', () => {
    expect(readConfig({})).toEqual({ ok: false, problems: ['CLIENT_SECRET is missing'] })
    const config = {
      host: '127.0.0.1',
      port: 3001,
      baseUrl: 'http://localhost:3001',
      issuerUrl: 'http://localhost:3000',
      clientId: 'eespresso',
      clientSecret: 's',
    }
    expect(readConfig({ CLIENT_SECRET: 's' })).toEqual({ ok: true, config })
  })

  test('plain http is for this machine alone, and all problems are told at once', () => {
    const result = readConfig({
      ISSUER_URL: 'http://idp.example.ca',
      BASE_URL: 'https://rp.example.ca/path',
      PORT: '0',
    })
    expect(result.ok ? [] : result.problems).toHaveLength(4)
  })
})

describe('step-up', () => {
  const claims = { iss: 'i', sub: 'marie', aud: 'eespresso', iat: 0, exp: 0 }

  test.each([
    ['by the same person, with both factors, since', { auth_time: 101, acr: MFA_ACR }, undefined],
    ['of the time before', { auth_time: 100, acr: MFA_ACR }, 'not-fresh'],
    ['without a time', { acr: MFA_ACR }, 'not-fresh'],
    ['with one factor', { auth_time: 101, acr: 'urn:one-factor' }, 'not-fresh'],
    ['that does not say with what', { auth_time: 101 }, 'not-fresh'],
    ['by another person', { auth_time: 101, acr: MFA_ACR, sub: 'john' }, 'other-person'],
  ])('a sign-in %s', (_what, answer, problem) => {
    const stepUp = stepUpOf({ ...claims, auth_time: 100 }, 0)
    expect(stepUpProblem(stepUp, { ...claims, ...answer })).toBe(problem)
  })

  test('of a session without a time goes by our clock, give or take half a minute', () => {
    expect(stepUpOf(claims, 100_500)).toEqual({ sub: 'marie', notBefore: 70 })
  })
})

test('sign-ins under way are kept up to ten thousand, the newest ones', () => {
  const pending = {
    browser: 'b',
    nonce: 'n',
    codeVerifier: 'v',
    startedAt: 0,
    returnTo: '/',
    stepUp: undefined,
  }
  const pendingSignIns = createPendingSignIns(() => 0)
  for (let count = 0; count <= 10_000; count += 1) pendingSignIns.keep(String(count), pending)
  expect(pendingSignIns.take('0', 'b')).toBeUndefined()
  expect(pendingSignIns.take('1', 'b')).toBe(pending)
  expect(pendingSignIns.take('10000', 'b')).toBe(pending)
})
