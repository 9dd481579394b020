// knex ships no types for its dialect classes; only what db/connect.ts overrides is declared here.
declare module 'knex/lib/dialects/sqlite3/index.js' {
  import { Knex } from 'knex'
  export default class SqliteClient extends Knex.Client {}
}

declare module 'knex/lib/dialects/postgres/index.js' {
  import { Knex } from 'knex'
  import pg from 'pg'
  export default class PostgresClient extends Knex.Client {
    _driver(): typeof pg
    _query(connection: unknown, query: unknown): Promise<unknown>
  }
}

declare module 'knex/lib/dialects/sqlite3/execution/sqlite-transaction.js' {
  export default class SqliteTransaction {
    begin(connection: unknown): Promise<unknown>
    trxClient: { query(connection: unknown, sql: string): Promise<unknown> }
  }
}
