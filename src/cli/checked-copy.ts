// A copy of the database that is looked at before it gets its name: what bears the name of a backup is one.

import type { Knex } from 'knex'
import { closeSync, constants, copyFileSync, fsyncSync, linkSync, openSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { connectCopy } from '../../db/connect.js'
import { copyDatabase, integrityFaults } from '../../db/copy.js'
import { pendingMigrations } from '../../db/migrate.js'
import { createStore } from '../../db/store.js'
import { fitsLastEvent } from '../audit/verification.js'
import type { KeyRing } from '../key-ring.js'
import { masterKeyFault } from '../keys/master-keys.js'

const OWNER_ALONE = 0o600
const NO_LINKS = new Set(['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP'])

/** `head`: the last audit event in it. */
export type Copied = { ok: true; head: { sequence: number; hash: string } } | { ok: false; fault: string }

/** Throws the file system's errors, EEXIST among them: nothing is ever written over. */
export async function makeCheckedCopy(db: Knex, ring: KeyRing, file: string): Promise<Copied> {
  const partial = `${file}.${process.pid}.partial`
  closeSync(openSync(partial, 'wx', OWNER_ALONE)) // SQLite fills an empty file, and leaves it its mode
  try {
    await copyDatabase(db, partial)
    const copied = await examine(partial, ring)
    if (copied.ok) {
      toDisk(partial, 'r+')
      giveName(partial, file)
    }
    return copied
  } finally {
    rmSync(partial, { force: true })
  }
}

async function examine(file: string, ring: KeyRing): Promise<Copied> {
  const copy = connectCopy(file)
  try {
    const store = createStore(copy)
    const fault = (await soundnessFault(copy)) ?? (await contentFault(store, ring))
    return fault === undefined ? { ok: true, head: await store.auditEvents.readHead() } : { ok: false, fault }
  } finally {
    await copy.destroy()
  }
}

async function soundnessFault(copy: Knex): Promise<string | undefined> {
  const [damage] = await integrityFaults(copy)
  if (damage !== undefined) return `it is damaged (${damage})`
  return (await pendingMigrations(copy)).length === 0 ? undefined : 'its schema is not up to date'
}

async function contentFault(
  store: ReturnType<typeof createStore>,
  ring: KeyRing,
): Promise<string | undefined> {
  if (!(await fitsLastEvent(store))) return 'the head of its audit log does not fit: run `audit verify`'
  const canaries = await store.sealedValues.listCanaries()
  return canaries.length === 0 ? 'it does not know its master key' : masterKeyFault({ store, ring })
}

function toDisk(path: string, flags: 'r' | 'r+'): void {
  const file = openSync(path, flags)
  fsyncSync(file)
  closeSync(file)
}

/** Unlike a renaming, it takes nobody's place. Where there are no hard links (a share) it is copied again. */
function giveName(partial: string, file: string): void {
  try {
    linkSync(partial, file)
  } catch (error) {
    if (!NO_LINKS.has((error as NodeJS.ErrnoException).code ?? '')) throw error
    copyFileSync(partial, file, constants.COPYFILE_EXCL)
    toDisk(file, 'r+')
  }
  try {
    toDisk(dirname(file), 'r')
  } catch {
    // Some shares keep no folder on request; the copy has its name, and was looked at.
  }
}
