// A fresh database for each caller: a file of its own, or a PostgreSQL database of its own.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import knex from 'knex'

export type DatabaseKind = 'sqlite' | 'postgres'
export type TestDatabase = { url: string; remove: () => Promise<void> }

export const isPostgres = (databaseUrl: string): boolean => databaseUrl.startsWith('postgres')

/** `TEST_DATABASE=postgres` runs every suite on PostgreSQL. */
const DEFAULT_KIND: DatabaseKind = process.env['TEST_DATABASE'] === 'postgres' ? 'postgres' : 'sqlite'

export async function createTestDatabase(kind: DatabaseKind = DEFAULT_KIND): Promise<TestDatabase> {
  return kind === 'sqlite' ? createSqliteFile() : createPostgresDatabase()
}

function createSqliteFile(): TestDatabase {
  const folder = mkdtempSync(join(tmpdir(), 'laissez-passer-'))
  return {
    url: `sqlite:${join(folder, 'test.db')}`,
    remove: async () => rmSync(folder, { recursive: true, force: true }),
  }
}

async function createPostgresDatabase(): Promise<TestDatabase> {
  const server = process.env['TEST_POSTGRES_URL']
  if (server === undefined) throw new Error('TEST_POSTGRES_URL is not set')
  const name = `lp_${randomBytes(6).toString('hex')}`
  await onServer(server, `create database ${name}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  return { url: url.href, remove: () => onServer(server, `drop database ${name} with (force)`) }
}

async function onServer(server: string, statement: string): Promise<void> {
  const admin = knex({ client: 'pg', connection: server, pool: { min: 0, max: 1 } })
  try {
    await admin.raw(statement)
  } finally {
    await admin.destroy()
  }
}
