// Threat: two compiled processes, on one SQLite file as `npm start` runs them, accept together what either
// alone would refuse (R3, OTP-2); and TLS by the process itself, whose certificate is replaced while it runs.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { Browser } from '../support/browser.js'
import { EC_KEY, makeCertificate, RSA_KEY } from '../support/certificate.js'
import { clock } from '../support/clock.js'
import { createTestDatabase, type TestDatabase } from '../support/databases.js'
import { leadTo } from '../support/far-host.js'
import { passPassword, leaveWaitingPage } from '../support/journey.js'
import { bindPhone, createPerson, type EnrolledPerson, type Person } from '../support/people.js'
import { wrongCode } from '../support/phone.js'
import { startProcess, type ProviderProcess } from '../support/provider-process.js'
import { startRelay, type Relay } from '../support/relay.js'
import { registerRelyingParty, REDIRECT_URI, type RelyingParty } from '../support/relying-party.js'
import { describeWith } from '../support/requirements.js'
import { openServices, type TestServices } from '../support/services.js'
import { until } from '../support/until.js'

/**
 * Somebody who has had a phone for an hour. The processes' clock cannot be moved, so no code of now may be
 * used up.
 */
async function createRegular(services: TestServices): Promise<EnrolledPerson> {
  const person = await createPerson(services)
  clock.advance({ hours: -1 })
  const phone = await bindPhone(services, person)
  clock.advance({ hours: 1 })
  return { person, phone }
}

const isBack = (browser: Browser): boolean => browser.shown.url.startsWith(REDIRECT_URI)

describe('two processes on one SQLite file, behind one address', () => {
  let database: TestDatabase
  let services: TestServices
  let rp: RelyingParty
  let front: Relay
  let processes: ProviderProcess[] = []
  let url: string
  beforeAll(async () => {
    database = await createTestDatabase('sqlite')
    front = await startRelay(() => processes.map(({ port }) => ({ host: 'localhost', port })))
    url = `http://localhost:${front.port}`
    const settings = { ISSUER_URL: url, DATABASE_URL: database.url }
    // At once, on an empty folder
    processes = await Promise.all([startProcess(settings), startProcess(settings)])
    services = await openServices({ databaseUrl: database.url })
    rp = await registerRelyingParty({ url, ...services }, { sign_in_every_time: true })
  })
  afterAll(async () => {
    await front.stop()
    const ends = await Promise.all(processes.map((one) => one.stop()))
    await services.close()
    await database.remove()
    expect(ends.map(({ code }) => code)).toEqual([0, 0])
    expect(
      ends.flatMap(({ output }) => output.split('\n')).filter((line) => line.includes('"level":50')),
    ).toEqual([])
  })

  async function standAtTheCode(count: number, person: Person): Promise<Browser[]> {
    const browsers = Array.from({ length: count }, () => new Browser({ url }))
    for (const browser of browsers) await passPassword(browser, rp, person)
    expect(browsers.map((browser) => browser.step())).toEqual(browsers.map(() => 'one-time-code'))
    return browsers
  }

  test('one code posted twenty times at once, to both: one gets in, the others are refused like any used code (OTP-2)', async () => {
    const { person, phone } = await createRegular(services)
    const browsers = await standAtTheCode(20, person)
    const code = phone.code()
    await Promise.all(browsers.map((browser) => browser.submit({ code })))
    expect(browsers.filter(isBack)).toHaveLength(1)
    expect(
      browsers.filter((browser) => !isBack(browser) && ![422, 429].includes(browser.shown.status)),
    ).toEqual([])
    for (const { output } of processes) expect(output()).toContain('one-time-code')
  })

  test('twelve wrong codes at once, to both: five are looked at (OTP-7)', async () => {
    const { person, phone } = await createRegular(services)
    const browsers = await standAtTheCode(12, person)
    await Promise.all(browsers.map((browser) => browser.submit({ code: wrongCode(phone) })))
    expect(
      await services.db('audit_events').where({ accountId: person.id, event: 'one-time-code.refused' }),
    ).toHaveLength(5)
  })

  test('six presses at once, to both, are one: right or wrong, password and code', async () => {
    const { person, phone } = await createRegular(services)
    const statusesOf = async (browser: Browser, fields: Record<string, string>) =>
      new Set(
        (await Promise.all(Array.from({ length: 6 }, () => browser.clone().send(fields)))).map(
          (a) => a.status,
        ),
      )
    const eventsOf = async (event: string) =>
      (await services.db('audit_events').where({ accountId: person.id, event })).length

    const browser = new Browser({ url })
    await browser.open(rp.begin().url)
    expect(await statusesOf(browser, { cip: person.cip, password: 'faux-mot-de-passe' })).toEqual(
      new Set([422]),
    )
    expect(await eventsOf('password.refused')).toBe(1)
    const right = { cip: person.cip, password: person.password }
    expect(await statusesOf(browser, right)).toEqual(new Set([303]))
    expect(await eventsOf('password.verified')).toBe(1)

    await browser.open(browser.shown.url)
    await leaveWaitingPage(browser)
    expect(browser.step()).toBe('one-time-code')
    expect(await statusesOf(browser, { code: wrongCode(phone) })).toEqual(new Set([422]))
    expect(await eventsOf('one-time-code.refused')).toBe(1)
    expect(await statusesOf(browser, { code: phone.code() })).toEqual(new Set([303]))
    expect(await eventsOf('one-time-code.verified')).toBe(1)
  })

  test('one authorization code exchanged twenty times at once gives tokens once (M1), and they are dead', async () => {
    const { person, phone } = await createRegular(services)
    const browser = new Browser({ url })
    const { verifier } = await passPassword(browser, rp, person)
    await browser.submit({ code: phone.code() })
    const code = new URL(browser.shown.url).searchParams.get('code') ?? ''
    const answers = await Promise.all(Array.from({ length: 20 }, () => rp.exchange(code, verifier)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(19)
    const winner = answers.find(({ status }) => status === 200)
    if (winner === undefined) throw new Error('nobody got a token')
    const { access_token: token } = (await winner.json()) as { access_token: string }
    const userinfo = await fetch(`${url}/me`, { headers: { Authorization: `Bearer ${token}` } })
    expect(userinfo.status).toBe(401)
    expect(
      await services.db('audit_events').where({ accountId: person.id, event: 'authorization-code.reused' }),
    ).toHaveLength(1)
  })
})

describeWith(['openssl'], 'TLS by the process itself', () => {
  let folder: string
  let database: TestDatabase
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'laissez-passer-tls-'))
    database = await createTestDatabase('sqlite')
  })
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true })
    await database.remove()
  })

  const certFile = () => join(folder, 'tls.crt')
  const keyFile = () => join(folder, 'tls.key')

  function renewCertificate(key = EC_KEY): string {
    makeCertificate(folder, { key })
    return readFileSync(certFile(), 'utf8')
  }

  const fingerprint = (certificate: string): string => new X509Certificate(certificate).fingerprint256

  /** The certificate that a new connection is shown; rejects when the versions do not meet. */
  const shownAt = (port: number, maxVersion: 'TLSv1.1' | 'TLSv1.3' = 'TLSv1.3'): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(
        {
          port,
          host: 'localhost',
          rejectUnauthorized: false,
          minVersion: 'TLSv1',
          maxVersion,
          ciphers: 'DEFAULT:@SECLEVEL=0',
        },
        () => {
          resolve(socket.getPeerCertificate().fingerprint256)
          socket.end()
        },
      )
      socket.on('error', reject)
    })

  /** Whether the two agree when a client of TLS 1.2 offers this suite alone. */
  const isTaken = (port: number, ciphers: string): Promise<boolean> =>
    new Promise((resolve) => {
      const offer = { maxVersion: 'TLSv1.2', ciphers: `${ciphers}:@SECLEVEL=0` } as const
      const socket = connect({ port, host: 'localhost', rejectUnauthorized: false, ...offer }, () => {
        resolve(true)
        socket.end()
      })
      socket.on('error', () => resolve(false))
    })

  test('the suites of RFC 9325 serve, and none with static RSA, CBC or finite-field Diffie-Hellman; a new certificate changes nothing about it', async () => {
    renewCertificate(RSA_KEY) // which every suite below could serve with
    const running = await startProcess({
      ISSUER_URL: 'https://acces.exemple.ca',
      DATABASE_URL: database.url,
      TLS_CERT_FILE: certFile(),
      TLS_KEY_FILE: keyFile(),
    })
    const { port } = running
    const suites = [
      'ECDHE-RSA-AES128-GCM-SHA256',
      'ECDHE-RSA-AES256-GCM-SHA384',
      'AES128-SHA',
      'AES256-SHA256',
      'AES128-GCM-SHA256',
      'AES256-GCM-SHA384',
      'ECDHE-RSA-AES128-SHA',
      'ECDHE-RSA-AES256-SHA384',
      'DHE-RSA-AES128-GCM-SHA256',
    ]
    const taken = async (): Promise<string[]> => {
      const answers = await Promise.all(suites.map(async (suite) => isTaken(port, suite)))
      return suites.filter((_, index) => answers[index])
    }
    try {
      expect(await taken()).toEqual(suites.slice(0, 2))
      const second = renewCertificate(RSA_KEY)
      running.signal('SIGHUP')
      await until(async () => (await shownAt(port)) === fingerprint(second))
      expect(await taken()).toEqual(suites.slice(0, 2))
    } finally {
      expect((await running.stop()).code).toBe(0)
    }
  })

  test('a whole sign-in over https; TLS 1.1 is refused; SIGHUP brings a new certificate, and one that is broken changes nothing', async () => {
    const first = renewCertificate()
    const issuer = 'https://acces.exemple.ca'
    const running = await startProcess({
      ISSUER_URL: issuer,
      DATABASE_URL: database.url,
      TLS_CERT_FILE: certFile(),
      TLS_KEY_FILE: keyFile(),
    })
    const { port } = running
    const services = await openServices({ databaseUrl: database.url })
    const far = leadTo(issuer, { port, certificate: first })
    try {
      const rp = await registerRelyingParty({ url: issuer, ...services })
      const { person, phone } = await createRegular(services)
      const browser = new Browser({ url: issuer })
      await passPassword(browser, rp, person)
      await browser.submit({ code: phone.code() })
      expect(isBack(browser)).toBe(true)
      expect(browser.cookie('__Host-session')).toBeDefined()
      expect(far.answers.filter(({ headers }) => headers.get('strict-transport-security') === null)).toEqual(
        [],
      )

      await expect(shownAt(port, 'TLSv1.1')).rejects.toThrow()
      expect(await shownAt(port)).toBe(fingerprint(first))
      const second = renewCertificate()
      running.signal('SIGHUP')
      await until(async () => (await shownAt(port)) === fingerprint(second))
      writeFileSync(certFile(), 'this is no certificate')
      running.signal('SIGHUP')
      await until(() => running.output().includes('the old one stays'))
      expect(await shownAt(port)).toBe(fingerprint(second))
    } finally {
      far.restore()
      await services.close()
      expect((await running.stop()).code).toBe(0)
    }
  })
})
