import { describe, expect, test } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { parseCip } from '../../src/accounts/cip.js'
import { readConfig, type Environment } from '../../src/config/config.js'
import { packageRoot } from '../../src/config/package-root.js'
import { settingsPages } from '../../src/config/settings-pages.js'
import type { Setting } from '../../src/config/setting.js'
import { SETTINGS } from '../../src/config/settings.js'

const KEY = randomBytes(32).toString('base64')
const GOOD: Environment = { ISSUER_URL: 'https://acces.exemple.ca', MASTER_KEYS: `k1:${KEY}` }

function faults(environment: Environment): string[] {
  try {
    readConfig(environment)
    return []
  } catch (error) {
    return (error as Error).message.split('\n')
  }
}

describe('settings', () => {
  test('two are enough; the others have the values of the specification', () => {
    expect(readConfig(GOOD)).toMatchObject({
      issuerUrl: 'https://acces.exemple.ca',
      port: 3000,
      databaseUrl: `sqlite:${join(packageRoot(), 'data', 'laissez-passer.db')}`,
      trustedProxyHops: 0,
      defaultLocale: 'fr-CA',
      timeZone: 'America/Toronto',
      passwordMinLength: 14,
      passwordMaxLength: 20,
      bcryptCost: 12,
      enrolment: 'open',
      temporaryPasswordHours: 72,
      interactionMinutes: 25,
      sessionIdleMinutes: 30,
      sessionMaxHours: 12,
    })
  })

  test('an empty value counts as not set', () => {
    expect(readConfig({ ...GOOD, PORT: '', SMTP_URL: '', CIP_PATTERN: '' })).toMatchObject({
      port: 3000,
      smtpUrl: undefined,
      cipPattern: undefined,
    })
  })

  test('every fault is told at once, each by its name', () => {
    const all = faults({
      ISSUER_URL: 'http://acces.exemple.ca',
      MASTER_KEYS: 'k1:court',
      PORT: 'x',
      DATABASE_URL: 'mysql://x',
      TRUSTED_PROXY_HOPS: '-1',
      SMTP_URL: 'mail',
      DEFAULT_LOCALE: 'de',
      TIME_ZONE: 'Mars/Olympus',
      CIP_PATTERN: '[',
      PASSWORD_MIN_LENGTH: '3',
      BCRYPT_COST: '9',
      ENROLMENT: 'none',
      INTERACTION_MINUTES: '40',
      LOG_LEVEL: 'loud',
      DEBUG: '*',
      TLS_CERT_FILE: 'x.pem',
    })
    const named = [
      'ISSUER_URL',
      'MASTER_KEYS',
      'PORT',
      'DATABASE_URL',
      'TRUSTED_PROXY_HOPS',
      'SMTP_URL',
      'DEFAULT_LOCALE',
      'TIME_ZONE',
      'CIP_PATTERN',
      'PASSWORD_MIN_LENGTH',
      'BCRYPT_COST',
      'ENROLMENT',
      'INTERACTION_MINUTES',
      'LOG_LEVEL',
      'DEBUG',
      'TLS_CERT_FILE',
    ]
    expect(named.filter((name) => !all.some((line) => line.startsWith(name)))).toEqual([])
  })

  test('faults between settings are told together with missing ones', () => {
    const all = faults({ BCRYPT_COST: '4', DEBUG: 'knex:*', INTERACTION_MINUTES: '30' })
    expect(
      ['ISSUER_URL', 'MASTER_KEYS', 'BCRYPT_COST', 'DEBUG', 'INTERACTION_MINUTES'].filter(
        (name) => !all.some((line) => line.startsWith(name)),
      ),
    ).toEqual([])
  })

  test('the message never repeats a key', () => {
    const weak = Buffer.alloc(32, 'ab').toString('base64')
    expect(faults({ ...GOOD, MASTER_KEYS: `k1:${weak}` }).join('\n')).not.toContain(weak)
    expect(faults({ ...GOOD, MASTER_KEYS: KEY }).join('\n')).not.toContain(KEY)
  })
})

describe('the issuer (OIDC-10)', () => {
  test.each([
    'https://acces.exemple.ca',
    'https://acces.exemple.ca:8443',
    'http://localhost:3000',
    'http://127.0.0.1:3000',
  ])('%s is accepted', (issuer) => {
    expect(faults({ ...GOOD, ISSUER_URL: issuer })).toEqual([])
  })

  test.each([
    undefined,
    '',
    'acces.exemple.ca',
    'http://acces.exemple.ca',
    'http://localhost.evil.example',
    'http://10.0.0.1',
    'http://0.0.0.0:3000',
    'ftp://localhost',
    'https://acces.exemple.ca/',
    'https://acces.exemple.ca/sso',
    'https://acces.exemple.ca?x=1',
    'https://acces.exemple.ca#x',
    'https://u:p@acces.exemple.ca',
    'javascript:alert(1)',
  ])('%s is refused', (issuer) => {
    expect(faults({ ...GOOD, ISSUER_URL: issuer })).toEqual([expect.stringMatching(/^ISSUER_URL /)])
  })
})

describe('weak settings are refused', () => {
  test.each<[string, Environment]>([
    ['no master key', { MASTER_KEYS: undefined }],
    ['a key too short', { MASTER_KEYS: `k1:${randomBytes(16).toString('base64')}` }],
    ['a key of zeros', { MASTER_KEYS: `k1:${Buffer.alloc(32).toString('base64')}` }],
    ['a key without id', { MASTER_KEYS: `:${KEY}` }],
    [
      'two keys whose ids differ by capitals alone, which SQLite takes for one',
      { MASTER_KEYS: `k1:${KEY},K1:${randomBytes(32).toString('base64')}` },
    ],
    ['a key id of odd signs', { MASTER_KEYS: `k$1:${KEY}` }],
    ['one id twice', { MASTER_KEYS: `k1:${KEY},k1:${randomBytes(32).toString('base64')}` }],
    ['one bad key beside a good one', { MASTER_KEYS: `k1:${KEY},k2:x` }],
    ['a hash below the floor', { BCRYPT_COST: '9' }],
    ['a hash below the floor, as tests have it', { BCRYPT_COST: '4', NODE_ENV: 'test' }],
    ['a hash nobody waits for', { BCRYPT_COST: '31' }],
    ['passwords that may be short', { PASSWORD_MIN_LENGTH: '7' }],
    ['passwords longer than we store', { PASSWORD_MAX_LENGTH: '65' }],
    ['a longest password below the shortest', { PASSWORD_MIN_LENGTH: '30', PASSWORD_MAX_LENGTH: '20' }],
    ['DEBUG', { DEBUG: 'oidc-provider:*' }],
    ['half of TLS', { TLS_KEY_FILE: 'key.pem' }],
    ['an interaction as long as a session', { INTERACTION_MINUTES: '30' }],
    ['a network to enrol from, unnamed', { ENROLMENT: 'network' }],
    ['every host there is as one inside', { INTERNAL_HOSTS: '0.0.0.0/0' }],
    ['the same of IPv6', { INTERNAL_HOSTS: '::/0' }],
    ['a pattern of hosts', { INTERNAL_HOSTS: '*.exemple.ca' }],
    ['a plain connection of no kind', { ALLOW_PLAINTEXT: 'all' }],
    ['a token for the metrics that may be guessed', { METRICS_TOKEN: 'prometheus' }],
    ['an internet for the networks of the organisation', { SHARED_NETWORKS: '10.0.0.0/8,0.0.0.0/0' }],
    ['all of IPv6 for them', { SHARED_NETWORKS: '::/0' }],
    ['an internet to enrol from', { ENROLMENT_NETWORKS: '0.0.0.0/0' }],
    ['a session for a week', { SESSION_MAX_HOURS: '168' }],
    ['a sender without address', { MAIL_FROM: 'Laissez-passer' }],
    ['two senders', { MAIL_FROM: 'a@exemple.ca, b@exemple.ca' }],
    ['a database whose address nobody can read', { DATABASE_URL: 'postgres://idp:a b@base:x/idp' }],
    ['a mail server whose address nobody can read', { SMTP_URL: 'smtp://mail:x' }],
  ])('%s', (_what, weak) => {
    expect(faults({ ...GOOD, ...weak })).toHaveLength(1)
  })
})

describe('a fault is said in words that an operator can act on', () => {
  const noKey = 'MASTER_KEYS is missing: `npm run cli -- keys generate` makes one'
  test.each<[string, Environment, string[]]>([
    ['nothing at all', { ISSUER_URL: '', MASTER_KEYS: '' }, ['ISSUER_URL is missing', noKey]],
    ['no master key at all', { MASTER_KEYS: '' }, [noKey]],
    [
      'a master key too short',
      { MASTER_KEYS: 'a:c2hvcnQ=' },
      ['MASTER_KEYS each key must be 32 bytes in base64'],
    ],
    [
      'a master key of zeros',
      { MASTER_KEYS: `a:${Buffer.alloc(32).toString('base64')}` },
      ['MASTER_KEYS a key is too regular to be random'],
    ],
    [
      'http elsewhere than on this machine',
      { ISSUER_URL: 'http://acces.exemple.ca' },
      ['ISSUER_URL must be https unless the host is localhost or 127.0.0.1'],
    ],
    [
      'libraries told to print',
      { DEBUG: 'knex:*' },
      ['DEBUG must not be set: libraries would print secrets'],
    ],
    ['a hash too cheap', { BCRYPT_COST: '4' }, ['BCRYPT_COST must be at least 10']],
    [
      'a certificate without its key',
      { TLS_CERT_FILE: '/nowhere/cert.pem' },
      ['TLS_CERT_FILE goes with TLS_KEY_FILE'],
    ],
    [
      'a secret file that is not there',
      { MASTER_KEYS: '', MASTER_KEYS_FILE: '/nowhere/keys' },
      ['MASTER_KEYS_FILE names a file that cannot be read: /nowhere/keys', noKey],
    ],
    [
      'a trusted network nobody named',
      { ENROLMENT: 'network' },
      ['ENROLMENT_NETWORKS is missing: ENROLMENT=network needs it'],
    ],
  ])('%s', (_what, settings, expected) => {
    expect(faults({ ...GOOD, ...settings })).toEqual(expected)
  })
})

describe('to another machine nothing goes without TLS, unless somebody insists', () => {
  const SMTP = 'SMTP_URL leads to another machine without TLS: '
  const DATABASE = 'DATABASE_URL leads to another machine without TLS: '

  test.each<[string, Environment]>([
    [SMTP, { SMTP_URL: 'smtp://courriel.exemple.ca:25' }],
    [SMTP, { SMTP_URL: 'smtp://127.0.0.1.exemple.ca' }],
    [SMTP, { SMTP_URL: 'smtp://courriel.exemple.ca?requireTLS=false' }],
    [SMTP, { SMTP_URL: 'smtp://courriel.exemple.ca?requireTLS=false&requireTLS=true' }],
    [SMTP, { SMTP_URL: 'smtp://courriel.exemple.ca?ignoreTLS=true' }],
    [SMTP, { SMTP_URL: 'smtp://courriel.exemple.ca', ALLOW_PLAINTEXT: 'database' }],
    [DATABASE, { DATABASE_URL: 'postgres://idp:x@base.exemple.ca/idp' }],
    [DATABASE, { DATABASE_URL: 'postgresql://idp:x@10.0.0.7/idp?sslmode=disable' }],
    [DATABASE, { DATABASE_URL: 'postgres://idp:x@base/idp?sslmode=prefer' }],
    [DATABASE, { DATABASE_URL: 'postgres://idp:x@base/idp?sslmode=no-verify' }],
    [DATABASE, { DATABASE_URL: 'postgres://idp:x@base/idp?sslmode=require&sslmode=disable' }],
    [DATABASE, { DATABASE_URL: 'postgres://idp:x@localhost/idp?host=base.exemple.ca' }],
    [DATABASE, { DATABASE_URL: 'postgres:///idp', PGHOST: 'base.exemple.ca' }],
    [DATABASE, { DATABASE_URL: 'postgres://idp:x@base/idp', ALLOW_PLAINTEXT: 'mail' }],
  ])('refused: %s%j', (line, settings) => {
    expect(faults({ ...GOOD, ...settings })).toEqual([expect.stringContaining(line)])
  })

  test.each<Environment>([
    { SMTP_URL: 'smtp://localhost:25' },
    { SMTP_URL: 'smtp://[::1]:25' },
    { SMTP_URL: 'smtps://courriel.exemple.ca' },
    { SMTP_URL: 'smtp://courriel.exemple.ca:587?requireTLS=true' },
    { SMTP_URL: 'smtp://courriel.exemple.ca', ALLOW_PLAINTEXT: 'mail' },
    { DATABASE_URL: 'postgres://idp:x@127.0.0.1:5432/idp' },
    { DATABASE_URL: 'postgres://idp:x@%2Fvar%2Frun%2Fpostgresql/idp' },
    { DATABASE_URL: 'postgres:///idp?host=/var/run/postgresql' },
    { DATABASE_URL: 'postgres://idp:x@base.exemple.ca/idp?sslmode=verify-full' },
    { DATABASE_URL: 'postgres://idp:x@base.exemple.ca/idp?ssl=true' },
    { DATABASE_URL: 'postgres://idp:x@base.exemple.ca/idp', ALLOW_PLAINTEXT: 'mail, database' },
  ])('%j is fine', (settings) => {
    expect(faults({ ...GOOD, ...settings })).toEqual([])
  })
})

describe('a path', () => {
  test('begins at the folder of package.json, wherever the program was started from', () => {
    const folder = process.cwd()
    try {
      process.chdir('/')
      const { databaseUrl, tlsCertFile, tlsKeyFile } = readConfig({
        ...GOOD,
        DATABASE_URL: 'sqlite:elsewhere/lp.db',
        TLS_CERT_FILE: 'tls.crt',
        TLS_KEY_FILE: '/etc/tls.key',
      })
      expect([databaseUrl, tlsCertFile, tlsKeyFile]).toEqual([
        `sqlite:${join(packageRoot(), 'elsewhere', 'lp.db')}`,
        join(packageRoot(), 'tls.crt'),
        '/etc/tls.key',
      ])
    } finally {
      process.chdir(folder)
    }
  })
})

describe('a CIP’s form', () => {
  test('may be written in capitals: CIPs themselves are in small letters', () => {
    const { cipPattern } = readConfig({ ...GOOD, CIP_PATTERN: '[A-Z]{4}\\d{4}' })
    expect(parseCip('GAGJ2345', cipPattern)).toBe('gagj2345')
    expect(parseCip('gagj234', cipPattern)).toBeUndefined()
  })
})

describe('a host inside', () => {
  test('is compared as an address has it', () => {
    expect(
      readConfig({ ...GOOD, INTERNAL_HOSTS: 'Paie.Interne:443, paie.interne:8443' }).internalHosts,
    ).toEqual(['paie.interne', 'paie.interne:8443'])
  })
})

describe('a name that is no setting', () => {
  test.each([
    ['SMPT_URL', 'SMTP_URL'],
    ['ENROLEMENT', 'ENROLMENT'],
    ['TRUSTED_PROXY_HOP', 'TRUSTED_PROXY_HOPS'],
    ['MASTER_KEY_FILE', 'MASTER_KEYS'],
    ['Issuer_Url', 'ISSUER_URL'],
  ])('%s: did you mean %s?', (name, meant) => {
    expect(faults({ ...GOOD, [name]: 'x' })).toEqual([`${name} is no setting; did you mean ${meant}?`])
  })

  test('of other programs is none of our business', () => {
    const others = {
      HOSTNAME: 'a',
      PGHOST: 'b',
      SESSION_MANAGER: 'c',
      NODE_ENV: 'd',
      PWD: '/',
      SHLVL: '1',
      MAIL: 'x',
    }
    expect(faults({ ...GOOD, ...others })).toEqual([])
  })

  test('is refused in the file of settings, whatever it looks like', () => {
    const names = ['PORT', 'MASTER_KEYS_FILE', 'PGSSLROOTCERT', 'TZ', 'COULEUR', 'PORTT']
    expect(() => readConfig({ ...GOOD, COULEUR: 'bleu', PORTT: '1' }, { namesInFile: names })).toThrow(
      'COULEUR in .env is no setting\nPORTT in .env is no setting; did you mean PORT?',
    )
  })
})

describe('secrets from files', () => {
  test('NAME_FILE holds NAME, its last line break left off', () => {
    const folder = mkdtempSync(join(tmpdir(), 'laissez-passer-'))
    try {
      writeFileSync(join(folder, 'keys'), `k1:${KEY}\n`)
      expect(
        readConfig({
          ...GOOD,
          MASTER_KEYS: undefined,
          MASTER_KEYS_FILE: join(folder, 'keys'),
        }).masterKeys[0]?.key.toString('base64'),
      ).toBe(KEY)
      expect(faults({ ISSUER_URL: undefined, MASTER_KEYS_FILE: join(folder, 'none') })).toEqual(
        expect.arrayContaining([
          expect.stringMatching(/^MASTER_KEYS_FILE /),
          expect.stringMatching(/^ISSUER_URL /),
        ]),
      )
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('the table of settings', () => {
  test.each(Object.values<Setting>(SETTINGS).map((setting) => [setting.variable, setting] as const))(
    '%s takes its own default and its own example, and says its form',
    (_variable, { schema, default: fallback, example }) => {
      expect(schema.description).toMatch(/./)
      for (const text of [fallback, example])
        if (text !== undefined) expect(schema.safeParse(text)).toMatchObject({ success: true })
    },
  )

  test.each(Object.entries(settingsPages()))(
    '%s is what the table says (else: npm run settings)',
    (path, page) => {
      expect(readFileSync(join(packageRoot(), path), 'utf8')).toBe(page)
    },
  )

  test('.env.example starts once a master key is in it', () => {
    const example = parseEnv(readFileSync(join(packageRoot(), '.env.example'), 'utf8'))
    expect(faults(example)).toEqual([expect.stringMatching(/^MASTER_KEYS is missing/)])
    const { issuerUrl, mailFrom, masterKeys, ...rest } = readConfig({ ...example, MASTER_KEYS: `k1:${KEY}` })
    expect({ ...readConfig(GOOD), issuerUrl, mailFrom, masterKeys }).toEqual({
      ...rest,
      issuerUrl,
      mailFrom,
      masterKeys,
    })
  })
})

describe('a start with bad settings', () => {
  test('ends at once, with a line for each fault and no stack', () => {
    const { status, stderr } = spawnSync(process.execPath, [join(packageRoot(), 'dist', 'src', 'main.js')], {
      env: { PATH: '/usr/bin', ISSUER_URL: 'http://acces.exemple.ca' },
      encoding: 'utf8',
      timeout: 60_000,
    })
    expect(status).not.toBe(0)
    expect(stderr).toContain('ISSUER_URL')
    expect(stderr).toContain('MASTER_KEYS')
    expect(stderr).not.toMatch(/ at .*\.js:\d+/)
  })
})
