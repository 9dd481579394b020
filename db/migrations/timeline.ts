// The one timeline of migrations for both databases. A migration that has been released is never edited.

import type { Knex } from 'knex'
import * as m0001 from './0001-foundation.js'
import * as m0002 from './0002-sign-in-security.js'
import * as m0003 from './0003-relying-parties.js'
import * as m0004 from './0004-ended-sessions.js'
import * as m0005 from './0005-names.js'
import * as m0006 from './0006-client-origins.js'
import * as m0007 from './0007-waiting-places.js'
import * as m0008 from './0008-known-browsers-and-waits.js'
import * as m0009 from './0009-account-seals.js'
import * as m0010 from './0010-ended.js'
import * as m0012 from './0012-mail-accounts.js'
import * as m0013 from './0013-refused-requests.js'
import * as m0014 from './0014-profiles.js'
import * as m0016 from './0016-token-formats.js'
import * as m0017 from './0017-begun-enrolments.js'
import * as m0019 from './0019-readiness.js'
import * as m0020 from './0020-mail-order.js'
import * as m0023 from './0023-pending-passwords.js'

type Migration = { name: string; up: (db: Knex) => Promise<void> }

const migrations: Migration[] = [
  { name: '0001-foundation', ...m0001 },
  { name: '0002-sign-in-security', ...m0002 },
  { name: '0003-relying-parties', ...m0003 },
  { name: '0004-ended-sessions', ...m0004 },
  { name: '0005-names', ...m0005 },
  { name: '0006-client-origins', ...m0006 },
  { name: '0007-waiting-places', ...m0007 },
  { name: '0008-known-browsers-and-waits', ...m0008 },
  { name: '0009-account-seals', ...m0009 },
  { name: '0010-ended', ...m0010 },
  { name: '0012-mail-accounts', ...m0012 },
  { name: '0013-refused-requests', ...m0013 },
  { name: '0014-profiles', ...m0014 },
  { name: '0016-token-formats', ...m0016 },
  { name: '0017-begun-enrolments', ...m0017 },
  { name: '0019-readiness', ...m0019 },
  { name: '0020-mail-order', ...m0020 },
  { name: '0023-pending-passwords', ...m0023 },
]

export const migrationSource: Knex.MigrationSource<Migration> = {
  getMigrations: async () => migrations,
  getMigrationName: (migration) => migration.name,
  // knex asks for a way down. There is none: to go back, restore a backup or run the older program.
  getMigration: async ({ name, up }) => ({
    up,
    down: async () => {
      throw new Error(`${name} cannot be undone`)
    },
  }),
}
