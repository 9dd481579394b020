// A database of its own for each caller: a file, or a PostgreSQL database. A migrated one is a copy of a
// template that is migrated once, and again only when a migration has changed.

import { createHash, randomBytes } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import knex, { type Knex } from 'knex'
import { connectDatabase } from '../../db/connect.js'
import { migrateToLatest } from '../../db/migrate.js'
import { packageRoot } from '../../src/config/package-root.js'

export type DatabaseKind = 'sqlite' | 'postgres'
export type TestDatabase = { url: string; remove: () => Promise<void> }

export const isPostgres = (databaseUrl: string): boolean => databaseUrl.startsWith('postgres')

/** `TEST_DATABASE=postgres` runs every suite on PostgreSQL. */
const DEFAULT_KIND: DatabaseKind = process.env['TEST_DATABASE'] === 'postgres' ? 'postgres' : 'sqlite'

const MIGRATIONS = join(packageRoot(), 'db', 'migrations')

/** Without any table. */
export async function createTestDatabase(kind: DatabaseKind = DEFAULT_KIND): Promise<TestDatabase> {
  return kind === 'sqlite' ? createFile() : createOnServer()
}

/** As `migrate` leaves it. */
export async function createMigratedDatabase(kind: DatabaseKind = DEFAULT_KIND): Promise<TestDatabase> {
  if (kind === 'postgres') return createOnServer(await templateOnServer())
  const database = createFile()
  await copyMigratedFile(database.url.slice('sqlite:'.length))
  return database
}

/** The same for SQLite, at a path of the caller's. */
export async function copyMigratedFile(path: string): Promise<void> {
  copyFileSync(await templateFile(), path)
  chmodSync(path, 0o600)
}

/**
 * Without waiting for the disk: what a test has written need not outlive a power failure. (That the provider
 * itself waits is `start.test.ts`'s.)
 */
export async function connectTestDatabase(url: string): Promise<Knex> {
  const db = connectDatabase(url)
  if (!isPostgres(url)) await db.raw('PRAGMA synchronous=OFF')
  return db
}

function createFile(): TestDatabase {
  const folder = mkdtempSync(join(tmpdir(), 'laissez-passer-'))
  return {
    url: `sqlite:${join(folder, 'test.db')}`,
    remove: async () => rmSync(folder, { recursive: true, force: true }),
  }
}

async function createOnServer(template = 'template1'): Promise<TestDatabase> {
  const name = `lp_${randomBytes(6).toString('hex')}`
  await onServer((admin) => admin.raw('create database ?? template ??', [name, template]))
  return {
    url: urlOnServer(name),
    remove: () => onServer((admin) => admin.raw('drop database ?? with (force)', [name])),
  }
}

/** Names the migrations by what stands in them, and by what runs them. */
function migrationsHash(): string {
  const hash = createHash('sha256')
  for (const name of readdirSync(MIGRATIONS).toSorted()) hash.update(readFileSync(join(MIGRATIONS, name)))
  hash.update(readFileSync(join(packageRoot(), 'node_modules', 'knex', 'package.json')))
  return hash.digest('hex').slice(0, 16)
}

/** Made under a name of its own and renamed once it is whole: many workers may need it at the same moment. */
async function templateFile(): Promise<string> {
  const folder = join(packageRoot(), 'node_modules', '.cache', 'laissez-passer')
  const file = join(folder, `migrated-${migrationsHash()}.db`)
  if (statSync(file, { throwIfNoEntry: false }) !== undefined) return file
  const made = await createTestDatabase('sqlite')
  await migrate(made.url)
  mkdirSync(folder, { recursive: true })
  const ownName = `${file}.${process.pid}`
  copyFileSync(made.url.slice('sqlite:'.length), ownName)
  renameSync(ownName, file)
  await made.remove()
  return file
}

/** The same on a server, under its lock. */
async function templateOnServer(): Promise<string> {
  const name = `lp_migrated_${migrationsHash()}`
  await onServer((admin) =>
    admin.transaction(async (turn) => {
      await turn.raw('select pg_advisory_xact_lock(hashtext(?))', [name])
      const { rows } = await turn.raw<{ rows: object[] }>('select 1 from pg_database where datname = ?', [
        name,
      ])
      if (rows.length > 0) return
      const made = await createOnServer()
      await migrate(made.url)
      await onServer((other) =>
        other.raw('alter database ?? rename to ??', [new URL(made.url).pathname.slice(1), name]),
      )
    }),
  )
  return name
}

async function migrate(url: string): Promise<void> {
  const db = connectDatabase(url)
  try {
    await migrateToLatest(db)
  } finally {
    await db.destroy()
  }
}

function urlOnServer(database: string): string {
  const url = new URL(serverUrl())
  url.pathname = `/${database}`
  return url.href
}

function serverUrl(): string {
  const server = process.env['TEST_POSTGRES_URL']
  if (server === undefined) throw new Error('TEST_POSTGRES_URL is not set')
  return server
}

async function onServer(work: (admin: Knex) => Promise<unknown>): Promise<void> {
  const admin = knex({ client: 'pg', connection: serverUrl(), pool: { min: 0, max: 1 } })
  try {
    await work(admin)
  } finally {
    await admin.destroy()
  }
}
