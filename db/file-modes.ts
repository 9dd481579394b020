// Who may read the files of an SQLite database: its owner alone. Hashes and sealed secrets lie in them, and
// whoever may write in their folder can put others in their place.

import { closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { connectionError } from './errors.js'

const FOLDER_MODE = 0o700
const FILE_MODE = 0o600
const OTHERS = 0o077
const STICKY = 0o1000
/** What SQLite and the turns of migrations put beside the file; all of them take its mode when they are made. */
const SUFFIXES = ['', '-wal', '-shm', '-journal', '.migrating', '.migrating-wal', '.migrating-shm']

/** Makes what is missing of the folder and the file. SQLite itself would let everybody read it. */
export function makePrivateFile(filename: string): void {
  try {
    mkdirSync(dirname(filename), { recursive: true, mode: FOLDER_MODE })
    if (!existsSync(filename)) closeSync(openSync(filename, 'a', FILE_MODE))
  } catch (error) {
    throw connectionError(error)
  }
}

/** A line for each path that others can read or write, with what mends it; none for PostgreSQL. */
export function exposedPaths(databaseUrl: string): string[] {
  if (!databaseUrl.startsWith('sqlite:')) return []
  const file = resolve(databaseUrl.slice('sqlite:'.length))
  return [exposedFolder(dirname(file)), ...SUFFIXES.map((suffix) => exposedFile(`${file}${suffix}`))].filter(
    (line) => line !== undefined,
  )
}

function exposedFile(path: string): string | undefined {
  const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0
  return (mode & OTHERS) === 0 ? undefined : `${openToOthers(path, mode)}: chmod 600 ${path}`
}

function exposedFolder(path: string): string | undefined {
  const { mode = 0, uid } = statSync(path, { throwIfNoEntry: false }) ?? {}
  if ((mode & OTHERS) === 0) return undefined
  const isOurs = (mode & STICKY) === 0 && uid === process.geteuid?.()
  return isOurs
    ? `${openToOthers(path, mode)}: chmod 700 ${path}`
    : `${openToOthers(path, mode)}, and is not ours alone: DATABASE_URL needs a folder of its own`
}

const openToOthers = (path: string, mode: number): string =>
  `${path} is open to others (mode ${(mode & 0o7777).toString(8)})`
