// Strangers ask for more hashes than can be computed, two and a half times as many: who still gets in within
// thirty seconds? People sign in beside them, in known browsers, at the hospital's own addresses, and as
// newcomers from elsewhere. FLOOD_SECONDS (60) says how long, FLOOD_COST (12) how dear a hash is.

import bcrypt from 'bcrypt'
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { print, startProvider, type ProviderProcess } from './provider-process.ts'
import { createVisitor, type Outcome } from './visitor.ts'

const SECONDS = Number(process.env['FLOOD_SECONDS'] ?? 60)
const OVERLOAD = 2.5
const WITHIN_MS = 30_000
/** What people of each kind ask for, of what can be hashed. */
const SHARE_OF_PEOPLE = 0.1
/** So many of each kind, in turn: nobody signs in while the same person still waits. */
const PEOPLE = 12
const COST = Number(process.env['FLOOD_COST'] ?? 12)
const PASSWORD = 'trois-chats-dorment'
const CLI = join(import.meta.dirname, '..', '..', 'dist', 'src', 'cli.js')

const hex = (value: number): string => value.toString(16)
const random = (below: number): number => Math.floor(Math.random() * below)

type Scenario = {
  name: string
  address: () => string
  /** Of each kind, at least so many per cent within thirty seconds; what is not named is printed alone. */
  promised: Partial<Record<Kind, number>>
}
type Kind = 'known browsers' | 'shared networks' | 'newcomers'

const SCENARIOS: Scenario[] = [
  {
    name: '10,000 /64s of one /40',
    address: () => `2001:db8:${hex(0x4000 + random(256))}:${hex(random(40))}::1`,
    promised: { 'known browsers': 95, 'shared networks': 90 },
  },
  {
    name: '256 /64s of one /48',
    address: () => `2001:db8:1:${hex(random(256))}::1`,
    promised: { 'known browsers': 95, 'shared networks': 90, 'newcomers': 80 },
  },
  {
    name: 'all of IPv4',
    address: () => [1 + random(9), random(256), random(256), random(256)].join('.'),
    promised: { 'known browsers': 95, 'shared networks': 90 },
  },
]

export async function floodBench(): Promise<void> {
  const provider = await startProvider({
    TRUSTED_PROXY_HOPS: '1',
    SHARED_NETWORKS: '10.0.0.0/8',
    BCRYPT_COST: String(COST),
  })
  try {
    importPeople(provider)
    const browsers = await knowBrowsers(provider)
    const capacity = await measureCapacity()
    print(`${capacity.toFixed(1)} hashes a second; the flood asks for ${OVERLOAD} times that`)
    for (const scenario of SCENARIOS) await runScenario(provider, scenario, capacity, browsers)
  } finally {
    await provider.stop()
  }
}

async function runScenario(
  provider: ProviderProcess,
  { name, address, promised }: Scenario,
  capacity: number,
  browsers: readonly string[],
): Promise<void> {
  const endsAt = performance.now() + SECONDS * 1000
  const flood = repeat(1000 / (capacity * OVERLOAD), endsAt, () =>
    askFrom(provider, address(), `x${randomBytes(8).toString('hex')}`, 'faux-mot-de-passe'),
  )
  const kinds: Record<Kind, (n: number) => Promise<Outcome>> = {
    'known browsers': (n) => askFrom(provider, address(), `regular${n}`, PASSWORD, browsers[n]),
    'shared networks': (n) => askFrom(provider, `10.0.${random(256)}.7`, `colleague${n}`, PASSWORD),
    'newcomers': (n) => askFrom(provider, `198.${18 + random(2)}.${random(256)}.7`, `newcomer${n}`, PASSWORD),
  }
  const people = Object.entries(kinds).map(
    async ([kind, ask]): Promise<[string, (Outcome | undefined)[]]> => [
      kind,
      await repeat(1000 / (capacity * SHARE_OF_PEOPLE), endsAt, (count) => ask(count % PEOPLE)),
    ],
  )
  print(`${name}, ${SECONDS} s:`)
  for (const [kind, outcomes] of await Promise.all(people)) {
    const percent = (outcomes.filter(isIn).length / outcomes.length) * 100
    const least = promised[kind as Kind]
    const verdict = least === undefined ? '' : percent >= least ? `holds ${least} %` : `BREAKS ${least} %`
    print(`  ${kind.padEnd(16)} ${percent.toFixed(0).padStart(3)} % in 30 s ${verdict}: ${tally(outcomes)}`)
  }
  print(`  the flood: ${tally(await flood)}`)
}

const isIn = (outcome: Outcome | undefined): boolean =>
  outcome !== undefined &&
  outcome.status === 200 &&
  outcome.took <= WITHIN_MS &&
  ['enrol', 'one-time-code'].includes(outcome.step)

/** Which answers came how often. */
function tally(outcomes: readonly (Outcome | undefined)[]): string {
  const answers: Record<string, number> = {}
  for (const outcome of outcomes) {
    const answer = outcome === undefined ? 'no answer' : `${outcome.status} « ${outcome.heading} »`
    answers[answer] = (answers[answer] ?? 0) + 1
  }
  return Object.entries(answers)
    .map(([answer, count]) => `${count} × ${answer}`)
    .join(', ')
}

/** Begins one every so many milliseconds, whether or not those before have ended; undefined: it failed. */
async function repeat<T>(
  everyMs: number,
  endsAt: number,
  work: (count: number) => Promise<T>,
): Promise<(T | undefined)[]> {
  const begun: Promise<T | undefined>[] = []
  for (let next = performance.now(); next < endsAt; next += everyMs) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, next - performance.now())))
    begun.push(work(begun.length).catch(() => undefined))
  }
  return Promise.all(begun)
}

async function askFrom(
  provider: ProviderProcess,
  address: string,
  cip: string,
  password: string,
  browserCookie?: string,
): Promise<Outcome> {
  const visitor = createVisitor(provider, address, browserCookie)
  return visitor.givePassword(await visitor.open(), cip, password, WITHIN_MS)
}

/** How many hashes of today's cost a second this machine computes, as many at once as the provider does. */
async function measureCapacity(): Promise<number> {
  const startedAt = performance.now()
  let count = 0
  const width = Math.min(availableParallelism(), 3)
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (; performance.now() - startedAt < 5_000; count += 1) await bcrypt.hash(PASSWORD, COST)
    }),
  )
  return count / ((performance.now() - startedAt) / 1000)
}

function importPeople({ environment }: ProviderProcess): void {
  const folder = mkdtempSync(join(tmpdir(), 'laissez-passer-flood-'))
  const hash = bcrypt.hashSync(PASSWORD, COST)
  const people = ['regular', 'colleague', 'newcomer'].flatMap((kind) =>
    Array.from({ length: PEOPLE }, (_, n) => `${kind}${n},Marie Tremblay,marie@exemple.ca,${hash}`),
  )
  writeFileSync(join(folder, 'people.csv'), ['cip,name,email,password_hash', ...people].join('\n'))
  execFileSync(process.execPath, [CLI, 'account', 'import', join(folder, 'people.csv')], { env: environment })
  rmSync(folder, { recursive: true })
}

/** The cookies of browsers that have signed in once, by the number of their person. */
async function knowBrowsers(provider: ProviderProcess): Promise<string[]> {
  const cookies: string[] = []
  for (let n = 0; n < PEOPLE; n += 1) {
    const visitor = createVisitor(provider, `198.51.100.${n}`)
    const page = await visitor.open()
    await visitor.givePassword(page, `regular${n}`, PASSWORD, WITHIN_MS)
    cookies.push(await visitor.enrol(page))
  }
  if (cookies.includes('')) throw new Error('a browser is not known')
  return cookies
}
