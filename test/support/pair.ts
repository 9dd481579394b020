// Two providers over one database behind one address: whatever arrives goes to the one or the other, as with
// two processes.

import { createTestDatabase, type DatabaseKind } from './databases.js'
import { startIdp, type Idp } from './idp.js'
import { startRelay } from './relay.js'

export type Pair = { idp: Idp; other: Idp; stop: () => Promise<void> }

/**
 * `idp.url` is the common address; `idp.services` and `other.services` are those of the one and of the other.
 */
export async function startPair(
  database: DatabaseKind,
  settings: Record<string, string> = {},
): Promise<Pair> {
  const testDatabase = await createTestDatabase(database)
  let members: Idp[] = []
  const front = await startRelay(() =>
    members.map(({ url }) => ({ host: 'localhost', port: Number(new URL(url).port) })),
  )
  const url = `http://localhost:${front.port}`
  const start = () => startIdp({ databaseUrl: testDatabase.url, settings: { ISSUER_URL: url, ...settings } })
  const [first, other] = await Promise.all([start(), start()]) // at once, on a fresh database
  members = [first, other]
  return {
    idp: { ...first, url },
    other,
    async stop() {
      await front.stop()
      await Promise.all([first.stop(), other.stop()])
      await testDatabase.remove()
    },
  }
}
