// `keys`: makes master keys and shows which keys are in use. Never shows a key that exists already.

import type { Command } from 'commander'
import { randomBytes, randomInt } from 'node:crypto'
import { formatAt, isoAt, table, type Answer, type Answering } from './output.js'
import { withServices, type Room, type Terminal } from './rooms.js'

const KEY_BYTES = 32
const LETTERS = 'abcdefghijklmnopqrstuvwxyz'

export function addKeysCommands(program: Command, answering: Answering, terminal: Terminal): void {
  const keys = program.command('keys').description('master keys and signing keys')
  keys
    .command('generate')
    .description('make an entry for MASTER_KEYS; needs no settings and no database, and keeps nothing')
    .action(() => answering(async () => generate()))
  keys
    .command('list')
    .description('the master keys of the ring and the keys that sign tokens, without their secret parts')
    .action(() => answering(() => withServices(terminal, list)))
}

/** Only the entry is printed, so that it can go straight into the file that MASTER_KEYS_FILE names. */
function generate(): Answer {
  const id = `k${Array.from({ length: 6 }, () => LETTERS[randomInt(LETTERS.length)]).join('')}`
  const key = randomBytes(KEY_BYTES).toString('base64')
  const entry = `${id}:${key}`
  return { ok: true, json: { id, key, entry }, text: entry }
}

async function list({ ring, signingKeys, config }: Room): Promise<Answer> {
  const masterKeys = ring.keyIds.map((id) => ({ id, writes: id === ring.writingKeyId }))
  const signing = await signingKeys.list()
  const at = (time: number | null) => (time === null ? '' : formatAt(time, config.timeZone))
  const text = [
    table(
      ['Master key', 'Use'],
      masterKeys.map(({ id, writes }) => [id, writes ? 'writes and reads' : 'reads']),
    ),
    '',
    signing.length === 0
      ? 'No signing key yet: the first start makes one.'
      : table(
          ['Signing key', 'Algorithm', 'Signs from', 'Published until'],
          signing.map((key) => [key.kid, key.algorithm, at(key.signsFrom), at(key.publishedUntil)]),
        ),
  ].join('\n')
  const signingJson = signing.map((key) => ({
    kid: key.kid,
    algorithm: key.algorithm,
    signsFrom: isoAt(key.signsFrom),
    publishedUntil: isoAt(key.publishedUntil),
  }))
  return { ok: true, json: { masterKeys, signingKeys: signingJson }, text }
}
