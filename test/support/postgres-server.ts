// A PostgreSQL server that belongs to one test, so that it may be frozen. Debian's programs; PostgreSQL
// refuses root, so root starts it as the user that the package made.

import { execFileSync } from 'node:child_process'
import { appendFileSync, chownSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './provider-process.js'

/** The folder of initdb and pg_ctl of the newest version; undefined where there is none. */
export function postgresPrograms(): string | undefined {
  const byVersion = new Intl.Collator('en', { numeric: true })
  return globSync('/usr/lib/postgresql/*/bin').toSorted(byVersion.compare).at(-1)
}

export type PostgresServer = Awaited<ReturnType<typeof startPostgres>>

/** `configuration`: lines of postgresql.conf. */
export async function startPostgres(configuration: readonly string[] = []) {
  const programs = postgresPrograms()
  if (programs === undefined) throw new Error('no PostgreSQL is installed')
  const folder = mkdtempSync(join(tmpdir(), 'laissez-passer-postgres-'))
  const user = userOfPostgres()
  if (user !== undefined) chownSync(folder, user.uid, user.gid)
  const run = (program: string, ...parameters: string[]): Buffer =>
    execFileSync(join(programs, program), ['-D', join(folder, 'data'), ...parameters], {
      ...user,
      cwd: folder,
      stdio: 'ignore',
    })
  run('initdb', '-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--locale=C.UTF-8', '--no-sync')
  const port = await freePort()
  const listening = [`port = ${port}`, "listen_addresses = '127.0.0.1'", "unix_socket_directories = ''"]
  appendFileSync(join(folder, 'data', 'postgresql.conf'), [...listening, ...configuration, ''].join('\n'))
  run('pg_ctl', '-l', join(folder, 'log'), '-w', 'start')
  /** Another one once it was started again. */
  const readPid = () => Number(readFileSync(join(folder, 'data', 'postmaster.pid'), 'utf8').split('\n')[0])

  /** To the server and to those who serve for it, each a process of its own. */
  const signalAll = (name: NodeJS.Signals): void => {
    const pid = readPid()
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
    for (const one of [pid, ...children.map(Number)]) trySignal(one, name)
  }

  return {
    port,
    /** Its data are in `data`. */
    folder,
    programs,
    /** Undefined: whoever runs the test. */
    user,
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    /** Nobody answers any more, and no connection breaks. */
    freeze: () => signalAll('SIGSTOP'),
    thaw: () => signalAll('SIGCONT'),
    stop(): void {
      signalAll('SIGCONT')
      run('pg_ctl', '-m', 'immediate', '-w', 'stop')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Those who serve may have ended meanwhile. */
function trySignal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function userOfPostgres(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const idOf = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  return { uid: idOf('-u'), gid: idOf('-g') }
}
