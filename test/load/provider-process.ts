// The compiled provider in a process of its own, as in production, on a fresh database; and what every
// benchmark needs to ask of it.

import { spawn, execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..', '..')

export type ProviderProcess = {
  url: string
  clientId: string
  clientSecret: string
  environment: Record<string, string>
  stop: () => Promise<void>
}

export async function startProvider(settings: Record<string, string> = {}): Promise<ProviderProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'laissez-passer-bench-'))
  const port = await freePort()
  const environment = {
    PATH: String(process.env['PATH']),
    ISSUER_URL: `http://localhost:${port}`,
    PORT: String(port),
    DATABASE_URL: `sqlite:${join(folder, 'bench.db')}`,
    MASTER_KEYS: `bench:${randomBytes(32).toString('base64')}`,
    LOG_LEVEL: 'silent',
    ...settings,
  }
  const child = spawn(process.execPath, [join(ROOT, 'dist', 'src', 'main.js')], {
    env: environment,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const url = environment.ISSUER_URL
  for (let tries = 0; !(await isReady(url)); tries += 1) {
    if (tries > 200) throw new Error('the provider did not start')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const created = execFileSync(
    process.execPath,
    [
      join(ROOT, 'dist', 'src', 'cli.js'),
      'client',
      'create',
      'bench',
      '--redirect-uri',
      'http://localhost:9/callback',
      '--json',
    ],
    { env: environment },
  )
  const { client_id: clientId, client_secret: clientSecret } = JSON.parse(created.toString()) as {
    client_id: string
    client_secret: string
  }
  return {
    url,
    clientId,
    clientSecret,
    environment,
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/readyz`)).ok
  } catch {
    return false
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, 'localhost', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })
}

/** A sign-in page opened and ready to be posted. */
export async function openSignIn({
  url,
  clientId,
}: ProviderProcess): Promise<(cip: string, password: string) => Promise<Response>> {
  const query = new URLSearchParams({
    client_id: clientId,
    response_type: 'code',
    redirect_uri: 'http://localhost:9/callback',
    scope: 'openid',
    code_challenge_method: 'S256',
    code_challenge: randomBytes(32).toString('base64url'),
  })
  const started = await fetch(`${url}/auth?${query.toString()}`, { redirect: 'manual' })
  const location = new URL(String(started.headers.get('location')), url)
  const cookie = started.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ')
  const page = await fetch(`${location.href}/password`, { headers: { Cookie: cookie } })
  const csrf = /name="csrf" value="([^"]+)"/.exec(await page.text())?.[1] ?? ''
  return (cip, password) =>
    fetch(`${location.href}/password`, {
      method: 'POST',
      redirect: 'manual',
      headers: { Cookie: cookie },
      body: new URLSearchParams({ csrf, cip, password }),
    })
}

/** A compiled module: the sources hold syntax that Node does not strip (TSX, `.js` suffixes). */
export const fromDist = (path: string): Promise<unknown> => import(join(ROOT, 'dist', path))

/** Milliseconds that a task takes. */
export async function time(task: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await task()
  return performance.now() - startedAt
}

export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? Number.NaN
}

export const ms = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} ms`

export function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
