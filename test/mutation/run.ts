// `npm run test:mutation [-- <part of an id, a file or a title>…]`: breaks one promised line at a time, in a
// copy of the sources, and runs the test that must notice. A mutant that survives is a test that proves
// nothing; one whose line is no longer found is a list that has fallen behind. Both are failures.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MUTANTS, type Mutant } from './mutants.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const SOURCES = ['src', 'interactions', 'db', 'test', 'demo-rp', 'docs', 'package.json', 'tsconfig.json']
const LANES = 2
const LIMIT_MS = 180_000
const REPORT = 'mutation-report.json'

type Outcome = 'failed' | 'passed'
type Test = { title: string; status: string }
type Report = { testResults: { assertionResults: Test[] }[] }
type Verdict = { mutant: Mutant; fault: string | undefined }

const folders: string[] = []
const groups = new Set<number>()
const outcomes = new Map<string, Promise<Outcome | undefined>>()
process.on('exit', () => {
  for (const group of groups) end(group)
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
process.exitCode = (await main(process.argv.slice(2))) ? 0 : 1

/** True when all of them were noticed. */
async function main(parts: string[]): Promise<boolean> {
  const startedAt = performance.now()
  const chosen = MUTANTS.filter(
    ({ id, file, test, title }) =>
      parts.length === 0 || parts.some((part) => [id, file, test, title].some((text) => text.includes(part))),
  )
  const lost = chosen.filter(({ file, text }) => countIn(join(ROOT, file), text) !== 1)
  const faults = lost.map((mutant) => ({ mutant, fault: 'its text does not stand there exactly once' }))
  faults.forEach(say)
  const waiting = chosen.filter((mutant) => !lost.includes(mutant))
  const lanes = await Promise.all(Array.from({ length: LANES }, () => judgeInTurn(makeCopy(), waiting)))
  const all = [...faults, ...lanes.flat()]
  const failed = all.filter(({ fault }) => fault !== undefined)
  const minutes = ((performance.now() - startedAt) / 60_000).toFixed(1)
  print(`${all.length - failed.length} of ${all.length} mutants were noticed, in ${minutes} min`)
  failed.forEach(say)
  return failed.length === 0 && all.length > 0
}

/** The sources as they stand; what is built of them is not taken along. */
function makeCopy(): string {
  const folder = mkdtempSync(join(tmpdir(), 'laissez-passer-mutation-'))
  folders.push(folder)
  for (const name of SOURCES)
    cpSync(join(ROOT, name), join(folder, name), {
      recursive: true,
      filter: (path) => !/[/\\](node_modules|dist)$/.test(path),
    })
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

async function judgeInTurn(folder: string, waiting: Mutant[]): Promise<Verdict[]> {
  const verdicts: Verdict[] = []
  for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
    const verdict = { mutant, fault: await judge(folder, mutant) }
    say(verdict)
    verdicts.push(verdict)
  }
  return verdicts
}

/** Undefined when the test passes on the code as it is, and fails on the mutant. */
async function judge(folder: string, mutant: Mutant): Promise<string | undefined> {
  const path = join(folder, mutant.file)
  const before = readFileSync(path, 'utf8')
  if ((await asItIs(folder, mutant)) !== 'passed') return 'its test does not pass on the code as it is'
  writeFileSync(
    path,
    before.replace(mutant.text, () => mutant.replacement),
  )
  try {
    const outcome = await runTest(folder, mutant)
    if (outcome === 'failed') return undefined
    return outcome === 'passed' ? 'SURVIVED' : 'its test did not run on the mutant'
  } finally {
    writeFileSync(path, before)
  }
}

/** On the code as it is: once for all the mutants of a test. */
function asItIs(folder: string, mutant: Mutant): Promise<Outcome | undefined> {
  const name = `${mutant.test} ${mutant.title}`
  const outcome = outcomes.get(name) ?? runTest(folder, mutant)
  outcomes.set(name, outcome)
  return outcome
}

/** Of the test by this title alone; undefined when there is none, or its file could not be read. */
async function runTest(
  folder: string,
  { test, title, isCompiled = false }: Mutant,
): Promise<Outcome | undefined> {
  const report = join(folder, REPORT)
  rmSync(report, { force: true })
  if (isCompiled) await run('sh', ['src/build.sh'], folder)
  await run(
    process.execPath,
    [
      '--experimental-vm-modules',
      '--no-warnings',
      'node_modules/jest/bin/jest.js',
      '--json',
      `--outputFile=${report}`,
      '--runInBand',
      `--testNamePattern=${patternOf(title)}$`,
      '--runTestsByPath',
      test,
    ],
    folder,
  )
  if (!existsSync(report)) return undefined // it took too long
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as Report
  const named = new RegExp(`^${patternOf(title)}$`, 's')
  const ran = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter((one) => named.test(one.title) && ['passed', 'failed'].includes(one.status))
  if (ran.length === 0) return undefined
  return ran.some(({ status }) => status === 'failed') ? 'failed' : 'passed'
}

/** A title as it stands in the file: what `test.each` fills in may be anything. */
function patternOf(title: string): string {
  return title.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll(/%[sdijfo#]|\\\$\w+/g, '.*')
}

/** Until it ends, well or not: what it found stands in its report. Whatever it has started ends with it. */
async function run(program: string, parameters: string[], cwd: string): Promise<void> {
  const path = `${join(ROOT, 'node_modules', '.bin')}:${String(process.env['PATH'])}`
  const env = { ...process.env, PATH: path }
  const child = spawn(program, parameters, { cwd, env, stdio: 'ignore', detached: true })
  const group = child.pid ?? 0
  groups.add(group)
  const limit = setTimeout(() => end(group), LIMIT_MS)
  await once(child, 'exit')
  clearTimeout(limit)
  end(group)
}

function end(group: number): void {
  groups.delete(group)
  try {
    process.kill(-group, 'SIGKILL')
  } catch {
    // Nobody of it is left.
  }
}

function countIn(path: string, text: string): number {
  return readFileSync(path, 'utf8').split(text).length - 1
}

function say({ mutant: { id, file, text, replacement, title }, fault }: Verdict): void {
  const change = `${id} ${file}: ${JSON.stringify(text)} → ${JSON.stringify(replacement)}`
  print(fault === undefined ? `noticed   ${change}` : `UNNOTICED ${change}\n          ${fault}: “${title}”`)
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
