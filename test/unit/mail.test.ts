// The outbox against a real mail server on a socket: refused, tried again with growing waits, delivered once,
// wiped (R13, WEB-13).

import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { createServer, type AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'
import { createStore, type Store } from '../../db/store.js'
import { createKeyRing } from '../../src/key-ring.js'
import { renderMail } from '../../interactions/mails/mail.js'
import {
  createMailbox,
  deliverDueMail,
  type MailKind,
  type MailMessage,
  type MailTransport,
  type MailValues,
  type RenderMail,
} from '../../src/mail/mailbox.js'
import { parseOpeningHours } from '../../src/organisation/opening-hours.js'
import { createOrganisation, type OrganisationSettings } from '../../src/organisation/organisation.js'
import { createSmtpTransport } from '../../src/mail/transport.js'
import { clock } from '../support/clock.js'
import { connectTestDatabase, createMigratedDatabase, type TestDatabase } from '../support/databases.js'

const ring = createKeyRing([{ id: 'test', key: Buffer.from('a test key, 32 bytes, no secret!') }])
const settings: OrganisationSettings = {
  organisationName: 'CIUSSS de démonstration',
  organisationNameEn: undefined,
  organisationShortName: undefined,
  organisationArticle: undefined,
  supportPhones: [
    { label: 'De l’interne', number: 'poste 13232' },
    { label: 'Sans frais', number: '1-833-829-3232' },
  ],
  supportPhonesEn: [],
  supportHours: [],
  defaultLocale: 'fr-CA',
  timeZone: 'America/Toronto',
}
const mailFrom = 'Laissez-passer <ne-pas-repondre@exemple.ca>'
const renderFor =
  (changes: Partial<OrganisationSettings> = {}) =>
  (...mail: Parameters<RenderMail>) =>
    renderMail(
      { organisation: createOrganisation({ ...settings, ...changes }), mailFrom, now: clock.now },
      ...mail,
    )
const mailbox = createMailbox({
  ring,
  now: clock.now,
  defaultLocale: 'fr-CA',
  render: async (...mail) => renderFor()(...mail),
})
const marie = {
  id: 'marie',
  name: 'Marie Tremblay',
  email: 'marie.tremblay@exemple.ca',
  cip: 'tram1234',
  locale: null as string | null,
}

type Received = { recipients: string[]; raw: string }
type MailServer = {
  url: string
  received: Received[]
  refusal: string | undefined
  stop: () => Promise<void>
}

async function startMailServer(): Promise<MailServer> {
  const running: MailServer = { url: '', received: [], refusal: undefined, stop: async () => {} }
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onMailFrom: (_address, _session, done) =>
      done(running.refusal === undefined ? null : new Error(running.refusal)),
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        running.received.push({
          recipients: session.envelope.rcptTo.map(({ address }) => address),
          raw: Buffer.concat(chunks).toString(),
        })
        done()
      })
    },
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  running.url = `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`
  running.stop = () => new Promise((resolve) => server.close(() => resolve()))
  return running
}

let database: TestDatabase
let store: Store
let close: () => Promise<void>
let server: MailServer
beforeAll(async () => {
  database = await createMigratedDatabase()
  const db = await connectTestDatabase(database.url)
  store = createStore(db)
  close = () => db.destroy()
  server = await startMailServer()
})
afterEach(async () => {
  server.refusal = undefined
  server.received.length = 0
  for (const mail of await store.outbox.listDue(Number.MAX_SAFE_INTEGER, 100))
    await store.outbox.abandon(mail, clock.now())
  await store.outbox.wipeAbandoned(Number.MAX_SAFE_INTEGER, 100)
})
afterAll(async () => {
  opened.forEach(({ close: letGo }) => letGo?.())
  await server.stop()
  await close()
  await database.remove()
})

const failures: unknown[] = []
const issuerUrl = 'https://acces.exemple.ca'
const opened: MailTransport[] = []
function open(smtp: Parameters<typeof createSmtpTransport>[0]): MailTransport {
  const transport = createSmtpTransport(smtp)
  opened.push(transport)
  return transport
}
const deliver = (smtpUrl = server.url, changes: { mailFrom?: string; store?: Store } = {}): Promise<number> =>
  deliverDueMail({
    store,
    ring,
    transport: open({ smtpUrl, mailFrom, issuerUrl, ...changes }),
    now: clock.now,
    onFailure: (error) => failures.push(error),
    ...changes,
  })

const post = (kind: MailKind, values: MailValues = {}, to = marie): Promise<void> =>
  store.transaction((tx) => mailbox.post(tx, kind, to, () => values))

async function waiting() {
  const [mail] = await store.outbox.listDue(Number.MAX_SAFE_INTEGER, 1)
  return mail
}

async function written(): Promise<MailMessage> {
  const { id = '', sealedMessage } = (await waiting()) ?? {}
  return JSON.parse(ring.open('outbox', id, sealedMessage ?? '').toString()) as MailMessage
}

/** Quoted-printable and base64 parts read as text. */
function decoded({ raw }: Received): string {
  const quoted = raw
    .replace(/=\r?\n/g, '')
    .replace(/((?:=[0-9A-F]{2})+)/g, (bytes) => Buffer.from(bytes.replaceAll('=', ''), 'hex').toString())
  return quoted.replace(
    /\r\n\r\n([A-Za-z0-9+/=\r\n]{40,}?)\r\n(?=--|$)/g,
    (_all, base64: string) => `\r\n\r\n${Buffer.from(base64, 'base64').toString()}\r\n`,
  )
}

const htmlOf = (mail: Received | undefined): string =>
  /<!doctype html>[\s\S]*<\/html>/.exec(decoded(mail as Received))?.[0] ?? ''

describe('a mail', () => {
  test('is delivered once, to its person alone, and its text is gone from the outbox', async () => {
    await post('second-factor-enrolled', {
      device: 'Mon iPhone',
      at: 'le 24 novembre 2026',
      address: '203.0.113.7',
      browser: 'Firefox (Linux)',
    })
    expect((await waiting())?.sealedMessage).not.toContain('iPhone')
    expect(await deliver()).toBe(1)
    expect(await deliver()).toBe(0)
    expect(server.received.map(({ recipients }) => recipients)).toEqual([['marie.tremblay@exemple.ca']])
    const [mail] = server.received
    expect(mail?.raw).toMatch(/^Content-Language: fr-CA\r$/m)
    expect(mail?.raw).toMatch(/^Auto-Submitted: auto-generated\r$/m)
    expect(decoded(mail as Received)).toContain('Mon iPhone')
    expect(await waiting()).toBeUndefined()
  })

  test('of two deliverers at once one sends it', async () => {
    await post('password-changed')
    const sent = await Promise.all([deliver(), deliver(), deliver()])
    expect(sent.reduce((sum, count) => sum + count, 0)).toBe(1)
    expect(server.received).toHaveLength(1)
  })

  test('speaks the person’s language', async () => {
    await post('password-changed', {}, { ...marie, locale: 'en' })
    await deliver()
    expect(server.received[0]?.raw).toMatch(/^Content-Language: en\r$/m)
    expect(decoded(server.received[0] as Received)).not.toContain('mot de passe')
  })

  test('holds no picture, no script, no style sheet: nothing that reports the reading', async () => {
    await post('account-created', {
      temporaryPassword: 'abcd-efgh',
      expiresAt: 'demain',
      applications: [{ name: 'eEspresso', url: 'https://paie.exemple.ca/' }],
      minLength: 14,
      maxLength: 20,
    })
    await deliver()
    expect(decoded(server.received[0] as Received)).not.toMatch(/<img|<script|<link|url\(|@import/i)
  })
})

describe('one quiet letter', () => {
  const PASSWORD = 'kqvw-zjpd-xrtn'
  const created: MailValues = {
    temporaryPassword: PASSWORD,
    expiresAt: '24\u00a0novembre\u00a02026 à 14\u00a0h\u00a032',
    applications: [{ name: 'eEspresso', url: 'https://paie.exemple.ca/' }],
    minLength: 14,
    maxLength: 20,
    name: 'Marie Tremblay',
    cip: 'tram1234',
  }
  const THE_TWO = ['account-created', 'password-reset'] as const

  test.each(THE_TWO)('%s has the password on a line of its own, which never breaks', (kind) => {
    const { text, html } = renderFor()(kind, 'fr-CA', created)
    expect(text.split('\n')).toContain(PASSWORD)
    expect(html).toMatch(
      new RegExp(`<br/?><span style="[^"]*white-space:nowrap[^"]*">${PASSWORD}</span></p>`),
    )
  })

  test.each(THE_TWO)('%s leads nowhere that asks for a password: its address is words', (kind) => {
    for (const locale of ['fr-CA', 'en'] as const) {
      const { text, html } = renderFor()(kind, locale, created)
      expect(text).toContain('https://paie.exemple.ca/')
      expect(html).toContain('https://paie.exemple.ca/')
      expect(html).not.toMatch(/href="[^"]*paie\.exemple\.ca/)
    }
  })

  test('the steps of the first access are a list, in the order of the procedure', () => {
    const { html, text } = renderFor()('account-created', 'fr-CA', created)
    const steps = [...html.matchAll(/<li[^>]*>([\s\S]*?)<\/li>/g)].map(([, step = '']) => step)
    expect(steps).toHaveLength(7)
    expect(steps[1]).toContain('«\u00a0Connexion\u00a0»')
    expect(steps[6]).toContain('«\u00a0Enregistrer\u00a0»')
    expect(text).toMatch(/^7\. Donnez un nom à votre appareil mobile/m)
  })

  test('a whole number dials, an extension is words, and the hours stand beside', () => {
    const supportHours = [{ label: 'Sans frais', hours: parseOpeningHours('lun-ven 07:00-21:00') ?? [] }]
    const { html, text } = renderFor({ supportHours })('password-changed', 'fr-CA', created)
    expect([...html.matchAll(/href="(tel:[^"]*)"/g)].map(([, href]) => href)).toEqual(['tel:18338293232'])
    expect(text).toContain('De l’interne\u00a0: poste 13232\n')
    expect(text).toContain('1-833-829-3232 (lundi au vendredi, 7\u00a0h à 21\u00a0h)')
  })

  test('says who writes, with the article of the language, and how to recognise it', () => {
    const changes = { organisationName: 'Hôpital du Sacré-Cœur', organisationNameEn: 'Sacré-Cœur Hospital' }
    const french = renderFor(changes)('password-changed', 'fr-CA', created)
    const english = renderFor(changes)('password-changed', 'en', created)
    expect(french.text).toMatch(/^Hôpital du Sacré-Cœur\n/)
    expect(french.text).toContain('L’équipe de soutien de l’Hôpital du Sacré-Cœur')
    expect(french.text).toContain('nos courriels viennent de ne-pas-repondre@exemple.ca.')
    expect(english.text).toContain('The support team of Sacré-Cœur Hospital')
  })

  test('a short name begins the subject', () => {
    const { subject } = renderFor({ organisationShortName: 'CHUS' })('password-changed', 'fr-CA', created)
    expect(subject).toBe('CHUS – Votre mot de passe a été changé')
  })

  test('a new device is told with its hour, where it was registered from, and by which browser', () => {
    const values = {
      ...created,
      device: 'Mon iPhone',
      at: 'à midi',
      address: '203.0.113.7',
      browser: 'Firefox (Linux)',
    }
    const { text } = renderFor()('second-factor-enrolled', 'fr-CA', values)
    expect(text).toContain(
      'Quand\u00a0: à midi\nDepuis l’adresse\u00a0: 203.0.113.7\nNavigateur\u00a0: Firefox (Linux)',
    )
  })
})

describe('a process that dies', () => {
  const messageIds = () => server.received.map(({ raw }) => /^Message-ID: (.*)\r$/im.exec(raw)?.[1])

  test('after the server took a mail and before that is written down: it goes once more, as the same mail', async () => {
    await post('password-changed')
    const { id } = (await waiting()) ?? {}
    const dying = { ...store, outbox: { ...store.outbox, finish: () => Promise.reject(new Error('killed')) } }
    await expect(deliver(server.url, { store: dying })).rejects.toThrow('killed')
    expect(await deliver()).toBe(0) // it is still the other's
    clock.advance({ minutes: 2 })
    expect(await deliver()).toBe(1)
    clock.advance({ hours: 1 })
    expect(await deliver()).toBe(0)
    expect(messageIds()).toEqual([`<${id}@exemple.ca>`, `<${id}@exemple.ca>`])
  })

  test.each([
    ['ne-pas-repondre@hôpital.example', 'xn--hpital-ixa.example'],
    ['Laissez-passer', 'acces.exemple.ca'],
    ['', 'acces.exemple.ca'],
  ])('a mail from %j is of the host %s', async (from, host) => {
    await post('password-changed')
    const { id } = (await waiting()) ?? {}
    await deliver(server.url, { mailFrom: from })
    expect(messageIds()).toEqual([`<${id}@${host}>`])
  })
})

describe('a mail server that refuses', () => {
  test('gets it again after growing waits, no sooner, and the mail arrives once it accepts', async () => {
    server.refusal = 'busy'
    await post('password-changed')
    const gaps: number[] = []
    for (let round = 1; round <= 8; round += 1) {
      expect(await deliver()).toBe(0)
      const mail = await waiting()
      expect(mail).toMatchObject({ tries: round, sentAt: null })
      const gap = (mail?.nextTryAt ?? 0) - clock.now()
      gaps.push(Math.round(gap / 1000))
      clock.advance({ seconds: gap / 1000 - 1 })
      expect(await deliver()).toBe(0)
      expect((await waiting())?.tries).toBe(round) // too soon: not tried
      clock.advance({ seconds: 2 })
    }
    const few = -1 // seconds may pass meanwhile
    expect(gaps).toEqual([30, 60, 120, 240, 480, 960, 1920, 3600].map((gap) => expect.closeTo(gap, few)))
    server.refusal = undefined
    expect(await deliver()).toBe(1)
    expect(server.received).toHaveLength(1)
    expect(await waiting()).toBeUndefined()
  })

  test('or is not there at all: the same', async () => {
    await post('password-changed')
    expect(await deliver('smtp://127.0.0.1:1')).toBe(0)
    clock.advance({ hours: 1 })
    expect(await deliver()).toBe(1)
  })

  test('for five days: the mail is given up', async () => {
    server.refusal = 'never'
    await post('password-changed')
    for (let hours = 0; hours <= 6 * 24; hours += 12) {
      await deliver()
      clock.advance({ hours: 12 })
    }
    expect(await waiting()).toBeUndefined()
    server.refusal = undefined
    expect(await deliver()).toBe(0)
    expect(server.received).toEqual([])
  })

  test('or says nothing at all: a try that is cut off ends, and its connection with it', async () => {
    const cutOff = new AbortController()
    const closed = Promise.withResolvers<void>()
    const silent = createServer((socket) => {
      socket.on('close', () => closed.resolve()).resume()
      cutOff.abort()
    })
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const smtpUrl = `smtp://127.0.0.1:${(silent.address() as AddressInfo).port}`
    const message = { id: 'x', to: marie.email, subject: 'x', text: 'x', html: 'x', locale: 'en' as const }
    const { send } = open({ smtpUrl, mailFrom, issuerUrl })
    const failure: unknown = await send(message, cutOff.signal).catch((error: unknown) => error)
    await closed.promise
    await new Promise((resolve) => silent.close(resolve))
    expect(failure).toMatchObject({ code: 'EABORT' })
  })

  test('one mail that cannot be sent does not hold up the others', async () => {
    await post('password-changed', {}, { ...marie, email: 'nobody' })
    await post('password-changed')
    await deliver()
    expect(server.received.flatMap(({ recipients }) => recipients)).toContain('marie.tremblay@exemple.ca')
  })
})

describe('nothing of a person’s data becomes a header or a recipient (WEB-13)', () => {
  test.each([
    'Marie\r\nBcc: voleur@evil.example',
    'Marie\nSubject: autre chose',
    'Marie" <voleur@evil.example>',
    'Marie\u2028Bcc: voleur@evil.example',
    '{cip}',
    "'{'temporaryPassword'}'",
  ])('in a name: %j', async (name) => {
    await post(
      'second-factor-enrolled',
      {
        device: `${name}\r\nBcc: voleur@evil.example`,
        at: 'x',
        address: '203.0.113.7',
        browser: 'Firefox (Linux)',
      },
      { ...marie, name },
    )
    expect(await deliver()).toBe(1)
    const [mail] = server.received
    expect(mail?.recipients).toEqual(['marie.tremblay@exemple.ca'])
    const head = (mail?.raw ?? '').split('\r\n\r\n')[0] ?? ''
    expect(head).not.toMatch(/^(bcc|cc):/im)
    expect(head.match(/^subject:/gim)).toHaveLength(1)
    expect(head).not.toContain('evil.example')
  })

  test.each([
    'marie@exemple.ca, voleur@evil.example',
    'marie@exemple.ca\r\nRCPT TO:<voleur@evil.example>',
    '<voleur@evil.example>, marie@exemple.ca',
    'groupe: voleur@evil.example;',
    'marie@exemple.ca;voleur@evil.example',
  ])('in an address: %j', async (email) => {
    await post('password-changed', {}, { ...marie, email })
    await deliver()
    expect(
      server.received
        .flatMap(({ recipients }) => recipients)
        .filter((address) => address === 'voleur@evil.example'),
    ).toEqual([])
  })

  test('markup in a name is text in the mail', async () => {
    await post(
      'second-factor-enrolled',
      { device: '<img src=x onerror=alert(1)>', at: 'x', address: '203.0.113.7', browser: 'Firefox (Linux)' },
      { ...marie, name: '<b>Marie</b> & "fils"' },
    )
    await deliver()
    const html = htmlOf(server.received[0])
    expect(html).toMatch(/&lt;b(>|&gt;)Marie&lt;\/b(>|&gt;) &amp; (&quot;|")fils/)
    const tags = [...html.matchAll(/<[/!]?(\w+)/g)].map(([, tag]) => tag)
    expect(new Set(tags)).toEqual(
      new Set(['doctype', 'html', 'head', 'meta', 'title', 'body', 'p', 'br', 'span', 'a']),
    )
  })

  test('an address is a link where we have put it, and nowhere that a password is asked for', async () => {
    const evil = 'https://evil.example/'
    const values = { temporaryPassword: evil, expiresAt: evil, minLength: 14, maxLength: 20, device: evil }
    await post(
      'account-created',
      { ...values, applications: [{ name: `Paie ${evil}`, url: 'https://paie.exemple.ca/?a="b"&c' }] },
      { ...marie, name: evil, cip: evil },
    )
    await deliver()
    const html = htmlOf(server.received[0])
    expect(html.split(evil)).toHaveLength(6)
    expect(html).toContain('>https://paie.exemple.ca/?a=&quot;b&quot;&amp;c</span>')
    expect([...html.matchAll(/<a href="([^"]*)"/g)].map(([, href]) => href)).toEqual([
      'https://apps.apple.com/ca/app/google-authenticator/id388497605',
      'https://play.google.com/store/apps/details?id=com.google.android.apps.authenticator2',
      'tel:18338293232',
    ])
  })

  test('a value stays in its line: no name adds a paragraph to what we say', async () => {
    await post('second-factor-enrolled', {
      device: 'Mon iPhone\n\nAppelez le 1-900-555-0000\u2029',
      at: 'x',
      address: '203.0.113.7',
      browser: 'Firefox (Linux)',
    })
    const mail = await written()
    expect(mail.text).toContain('«\u00a0Mon iPhone Appelez le 1-900-555-0000 \u00a0» confirme')
    expect(mail.text.split('\n\n')).toHaveLength(8)
    expect(mail.html.match(/<p[ >]/g)).toHaveLength(8)
  })
})
