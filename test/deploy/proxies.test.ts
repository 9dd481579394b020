// The samples of docs/deploy, run by the real nginx and the real HAProxy in front of two compiled providers
// over one database: a whole sign-in, the client's own address whatever it claims, nothing for outside that is
// for inside; and a restart of each provider in turn that nobody notices (R4). `npm run test:deploy`.

import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../../src/config/package-root.js'
import { Browser } from '../support/browser.js'
import { makeCertificate } from '../support/certificate.js'
import { createTestDatabase, type TestDatabase } from '../support/databases.js'
import { leadTo } from '../support/far-host.js'
import { enrolFirst } from '../support/journey.js'
import { createPerson } from '../support/people.js'
import { freePort, startProcess, type ProviderProcess } from '../support/provider-process.js'
import { registerRelyingParty, REDIRECT_URI } from '../support/relying-party.js'
import { describeWith } from '../support/requirements.js'
import { openServices, type TestServices } from '../support/services.js'
import { until } from '../support/until.js'

const sample = (name: string): string => readFileSync(join(packageRoot(), 'docs', 'deploy', name), 'utf8')

/** Throws where the sample says it otherwise: then nobody's file would be tested. */
function replaceIn(text: string, pairs: [string, string][]): string {
  return pairs.reduce((result, [from, to]) => {
    if (!result.includes(from)) throw new Error(`the sample does not say «${from}»`)
    return result.replaceAll(from, to)
  }, text)
}

let folder: string
let database: TestDatabase
let services: TestServices
let providers: ProviderProcess[]
let proxy: ChildProcess
let said: string[]
let port: number
let issuer: string
let certificate: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'laissez-passer-proxy-'))
  const { certFile, keyFile } = makeCertificate(folder)
  certificate = readFileSync(certFile, 'utf8')
  writeFileSync(join(folder, 'tls.pem'), certificate + readFileSync(keyFile, 'utf8'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const startOne = (settings: Record<string, string> = {}): Promise<ProviderProcess> =>
  startProcess({
    ISSUER_URL: issuer,
    HOST: '127.0.0.1',
    DATABASE_URL: database.url,
    TRUSTED_PROXY_HOPS: '1',
    DRAIN_SECONDS: '5',
    ...settings,
  })

/** Two providers and, before them, the program with its configuration. */
async function start(program: string, write: (ports: readonly number[]) => string[]): Promise<void> {
  database = await createTestDatabase('sqlite')
  port = await freePort()
  issuer = `https://localhost:${port}`
  providers = [await startOne(), await startOne()]
  services = await openServices({ databaseUrl: database.url })
  said = []
  proxy = spawn(program, write(providers.map((provider) => provider.port)))
  for (const stream of [proxy.stdout, proxy.stderr])
    stream?.on('data', (chunk: Buffer) => said.push(chunk.toString()))
  await until(async () => {
    if (proxy.exitCode !== null) throw new Error(said.join(''))
    return (await ask('/healthz').catch(() => 0)) === 200
  })
}
afterEach(async () => {
  proxy.kill('SIGTERM')
  await Promise.all(providers.map((provider) => provider.stop()))
  await services.close()
  await database.remove()
})

/** The status of one answer through the proxy. */
function ask(path: string, agent?: Agent, method = 'GET'): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = { host: 'localhost', port, path, ca: certificate, method, agent }
    request(options, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode ?? 0))
    })
      .on('error', reject)
      .end()
  })
}

function writeNginx(ports: readonly number[]): string[] {
  const site = replaceIn(sample('nginx.conf'), [
    ['  listen [::]:443 ssl http2;\n', ''],
    ['listen 443 ssl', `listen 127.0.0.1:${port} ssl`],
    ['connexion.exemple.ca', 'localhost'],
    ['/etc/laissez-passer', folder],
    ['Host $host;', 'Host $host:$server_port;'], // which 443 is not
    [
      '  server 127.0.0.1:3000 max_fails=1 fail_timeout=2s;\n',
      ports.map((one) => `  server 127.0.0.1:${one} max_fails=1 fail_timeout=2s;\n`).join(''),
    ],
  ])
  writeFileSync(join(folder, 'site.conf'), site)
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join('\n')
  const main = `daemon off; pid ${folder}/nginx.pid; error_log stderr; worker_processes 1;
    events {} http { access_log off; ${places} include ${folder}/site.conf; }`
  writeFileSync(join(folder, 'nginx.conf'), main)
  return ['-c', join(folder, 'nginx.conf')]
}

function writeHaproxy(ports: readonly number[]): string[] {
  const configuration = replaceIn(sample('haproxy.cfg'), [
    ['bind :443', `bind 127.0.0.1:${port}`],
    ['/etc/laissez-passer', folder],
    [
      '  server one 127.0.0.1:3000 check\n',
      ports.map((one, index) => `  server s${index} 127.0.0.1:${one} check\n`).join(''),
    ],
  ])
  writeFileSync(join(folder, 'haproxy.cfg'), configuration)
  return ['-db', '-f', join(folder, 'haproxy.cfg')]
}

describeWith(['nginx', 'openssl'], 'nginx', () => behind('nginx', writeNginx))
describeWith(['haproxy', 'openssl'], 'HAProxy', () => behind('haproxy', writeHaproxy))

function behind(program: string, write: (ports: readonly number[]) => string[]): void {
  test('a whole first access over TLS; the audit log has the client’s own address, whatever it claims', async () => {
    await start(program, write)
    const forged = { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-host': 'evil.example' }
    const far = leadTo(issuer, { port, certificate, headers: forged })
    try {
      const idp = { url: issuer, services }
      const rp = await registerRelyingParty({ url: issuer, ...services })
      const person = await createPerson(idp)
      const browser = new Browser(idp)
      const { callback } = await enrolFirst(idp, rp, person, browser)
      expect(callback.startsWith(REDIRECT_URI)).toBe(true)
      expect(browser.cookie('__Host-session')).toBeDefined()
      const events = await services.store.auditEvents.listAfter(0, 1_000)
      const own = events.filter(({ cip }) => cip === person.cip).map(({ clientAddress }) => clientAddress)
      expect(new Set(own)).toEqual(new Set(['127.0.0.1']))
    } finally {
      far.restore()
    }
  })

  test('what is for inside is not served outside', async () => {
    await start(program, write)
    expect(await Promise.all(['/healthz', '/readyz', '/metrics'].map((path) => ask(path)))).toEqual([
      200, 404, 404,
    ])
  })

  test('each provider is restarted in turn under load: no request fails (R4)', async () => {
    await start(program, write)
    const agent = new Agent({ keepAlive: true, maxSockets: 8 })
    const statuses = new Map<number | string, number>()
    let isOver = false
    const visit = async (): Promise<void> => {
      while (!isOver) {
        const path = '/.well-known/openid-configuration'
        const status = await ask(path, agent).catch((error: unknown) => String(error))
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
      }
    }
    const visitors = Array.from({ length: 8 }, visit)
    for (const [index, old] of providers.entries()) {
      await old.stop()
      const renewed = await startOne({ PORT: String(old.port) })
      providers[index] = renewed
      await until(() => renewed.output().includes('.well-known')) // the proxy has taken it in
    }
    isOver = true
    await Promise.all(visitors)
    agent.destroy()
    expect([...statuses.keys()]).toEqual([200])
  })
}
