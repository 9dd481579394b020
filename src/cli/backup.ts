// `backup`: a copy of the running SQLite database. On PostgreSQL its own programs make one; what another
// program has made is recorded here, so that `doctor` knows of it.

import type { Command } from 'commander'
import { existsSync, rmSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { isPostgres } from '../../db/connect.js'
import { makeCheckedCopy } from './checked-copy.js'
import { withServices, type CommandContext, type Terminal } from './command-context.js'
import { reasonOption } from './operator.js'
import { isoAt, type Answer, type Answering } from './output.js'

type BackupOptions = { madeBy?: string }

export function addBackupCommand(backup: Command, answering: Answering, terminal: Terminal): void {
  backup
    .argument('[file]', 'where to; it must not be there yet')
    .option('--made-by <program>', 'make none, and record that this program has just made one')
    .addOption(reasonOption())
    .action((file: string | undefined, { madeBy }: BackupOptions) =>
      answering(() => withServices(terminal, (context) => backUp(context, file, madeBy))),
    )
}

async function backUp(
  context: CommandContext,
  file: string | undefined,
  madeBy: string | undefined,
): Promise<Answer> {
  if (file !== undefined && madeBy === undefined) return copyTo(context, resolve(file))
  if (file !== undefined || madeBy === undefined)
    return {
      ok: false,
      fault: 'name the file to write, or with --made-by the program that has made a backup',
    }
  if (!/^[\w.-]{1,64}$/.test(madeBy))
    return { ok: false, fault: '--made-by: the name of a program has 1 to 64 of [A-Za-z0-9_.-]' }
  const madeAt = context.now()
  await record(context, { by: madeBy })
  return {
    ok: true,
    json: { madeBy, madeAt: isoAt(madeAt) },
    text: `Recorded: ${madeBy} has made a backup.`,
  }
}

async function copyTo(context: CommandContext, file: string): Promise<Answer> {
  const { db, ring, now } = context
  if (isPostgres(db))
    return {
      ok: false,
      fault:
        'this database is PostgreSQL’s: use pg_dump, then `backup --made-by pg_dump` (docs/deploy/backup.md)',
    }
  if (existsSync(file)) return { ok: false, fault: `${file} is there already, and is left as it is` }
  const madeAt = now()
  const copied = await makeCheckedCopy(db, ring, file).catch(fileFault)
  if (!copied.ok) return { ok: false, fault: `no backup was made: ${copied.fault}` }
  const { head } = copied
  try {
    await record(context, { by: 'laissez-passer', file, sequence: head.sequence })
  } catch (error) {
    rmSync(file) // a copy of everything that nobody knows of
    throw error
  }
  const bytes = statSync(file).size
  return {
    ok: true,
    json: { file, bytes, madeAt: isoAt(madeAt), head },
    text: `${file}: ${bytes} bytes, checked, up to audit event ${head.sequence}.`,
  }
}

const record = ({ store, audit, actor }: CommandContext, details: Record<string, string | number>) =>
  store.transaction((tx) => audit.record(tx, { event: 'backup.made', actor, details }))

/** A folder that is not there, a file that came meanwhile: words of the system, which name the path. */
function fileFault(error: unknown): { ok: false; fault: string } {
  if ('syscall' in (error as Error)) return { ok: false, fault: (error as Error).message }
  throw error
}
