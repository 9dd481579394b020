// What a client is built with. Nothing is left out for want of a tool: the test fails and says how to get it.

import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { packageRoot } from '../../../src/config/package-root.js'

const execute = promisify(execFile)

/** Kept between runs, and by nobody else: see .gitignore. */
const CACHE = join(packageRoot(), 'node_modules', '.cache', 'clients')

const TOOLS = {
  'apache2': 'apt-get install apache2-bin',
  'mvn': 'apt-get install maven openjdk-17-jdk-headless',
  'java': 'apt-get install openjdk-17-jdk-headless',
  'python3': 'apt-get install python3-venv',
  'go': 'apt-get install golang, or https://go.dev/dl where that is older than 1.26',
  'cargo': 'apt-get install cargo, or https://rustup.rs where that is older than 1.88',
  'oidc-agent': 'apt-get install oidc-agent-cli',
  'oidc-gen': 'apt-get install oidc-agent-cli',
  'oidc-token': 'apt-get install oidc-agent-cli',
} as const

/** Where the tool is; fails with the command that installs it. */
export function tool(name: keyof typeof TOOLS): string {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin']
  return needs(
    folders.map((folder) => join(folder, name)),
    TOOLS[name],
    name,
  )
}

/** The first of the files that is there; `command` brings it. */
export function needs(paths: string[], command: string, name: string = paths.join(' ')): string {
  const found = paths.find((path) => existsSync(path))
  if (found === undefined) throw new Error(`${name} is missing: ${command}`)
  return found
}

/** A folder of the cache with these files in it. */
export function workshop(name: string, files: Record<string, string> = {}): string {
  const folder = join(CACHE, name)
  mkdirSync(folder, { recursive: true })
  for (const [path, text] of Object.entries(files)) {
    const file = join(folder, path)
    mkdirSync(dirname(file), { recursive: true })
    // A file that stays as it is keeps its time, so that nothing is built again for it.
    if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text)
  }
  return folder
}

/** Runs a build, with the patience that others on the machine deserve; fails with what it said. */
export async function build(
  command: string,
  parameters: string[],
  { cwd, env = {} }: { cwd: string; env?: Record<string, string> },
): Promise<void> {
  try {
    await execute('nice', ['-n', '15', command, ...parameters], {
      cwd,
      env: { ...process.env, ...env },
      maxBuffer: 1 << 26,
    })
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string }
    throw new Error(`${command} ${parameters.join(' ')}: ${stdout ?? ''}${stderr ?? ''}`, { cause: error })
  }
}

/** A Python that has these packages, in an environment of its own; returns the interpreter. */
export async function pythonWith(name: string, packages: string[]): Promise<string> {
  const folder = workshop(`python-${name}`)
  const python = join(folder, 'bin', 'python')
  const installed = join(folder, 'installed.txt')
  if (!existsSync(installed) || readFileSync(installed, 'utf8') !== packages.join('\n')) {
    await build(tool('python3'), ['-m', 'venv', folder], { cwd: folder })
    await build(python, ['-m', 'pip', 'install', '--quiet', ...packages], { cwd: folder })
    writeFileSync(installed, packages.join('\n'))
  }
  return python
}
