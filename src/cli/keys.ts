// `keys`: makes and rotates keys, and shows which are in use. Never shows a key that exists already.

import type { Command } from 'commander'
import { randomBytes, randomInt } from 'node:crypto'
import { dependentsOf } from '../keys/master-keys.js'
import { addMasterKeyCommands, dependentsText } from './master-keys.js'
import { reasonOption } from './operator.js'
import { formatAt, isoAt, table, type Answer, type Answering } from './output.js'
import { withServices, type CommandContext, type Terminal } from './command-context.js'

type RotateOptions = { urgent?: true }

const KEY_BYTES = 32
const LETTERS = 'abcdefghijklmnopqrstuvwxyz'

export function addKeysCommands(keys: Command, answering: Answering, terminal: Terminal): void {
  keys
    .command('generate')
    .description('make an entry for MASTER_KEYS; needs no settings and no database, and keeps nothing')
    .action(() => answering(async () => generate()))
  keys
    .command('list')
    .description('the master keys of the ring and the keys that sign tokens, without their secret parts')
    .action(() => answering(() => withServices(terminal, list)))
  keys
    .command('rotate')
    .description(
      'make new signing keys: published now, signing in a day; the old ones stay published a day longer',
    )
    .option('--urgent', 'a key was stolen: the new ones sign at once, the old ones are withdrawn')
    .addOption(reasonOption())
    .action((options: RotateOptions) =>
      answering(() => withServices(terminal, (context) => rotate(context, options))),
    )
  addMasterKeyCommands(keys, answering, terminal)
}

/** Only the entry is printed, so that it can go straight into the file that MASTER_KEYS_FILE names. */
function generate(): Answer {
  const id = `k${Array.from({ length: 6 }, () => LETTERS[randomInt(LETTERS.length)]).join('')}`
  const key = randomBytes(KEY_BYTES).toString('base64')
  const entry = `${id}:${key}`
  return { ok: true, json: { id, key, entry }, text: entry }
}

async function list(context: CommandContext): Promise<Answer> {
  const { ring, signingKeys, config } = context
  const masterKeys = await Promise.all(
    ring.keyIds.map(async (id) => ({
      id,
      writes: id === ring.writingKeyId,
      dependents: await dependentsOf(context, id),
    })),
  )
  const signing = await signingKeys.list()
  const at = (time: number | null) => (time === null ? '' : formatAt(time, config.timeZone))
  const text = [
    table(
      ['Master key', 'Use', 'What depends on it'],
      masterKeys.map(({ id, writes, dependents }) => [
        id,
        writes ? 'writes and reads' : 'reads',
        dependentsText(dependents),
      ]),
    ),
    '',
    signing.length === 0
      ? 'No signing key yet: the first start makes one.'
      : table(
          ['Signing key', 'Family', 'Signs from', 'Published until'],
          signing.map((key) => [key.kid, key.algorithm, at(key.signsFrom), at(key.publishedUntil)]),
        ),
  ].join('\n')
  const signingJson = signing.map((key) => ({
    kid: key.kid,
    family: key.algorithm,
    signsFrom: isoAt(key.signsFrom),
    publishedUntil: isoAt(key.publishedUntil),
  }))
  return { ok: true, json: { masterKeys, signingKeys: signingJson }, text }
}

async function rotate(
  { signingKeys, config, actor }: CommandContext,
  { urgent }: RotateOptions,
): Promise<Answer> {
  const newest = await signingKeys.rotate(actor, urgent === true)
  const signsFrom = Math.max(...newest.map((key) => key.signsFrom))
  const text = urgent
    ? 'New keys sign tokens; the old ones are withdrawn. Running providers take them over within 30 s.'
    : `New keys are published, and sign tokens from ${formatAt(signsFrom, config.timeZone)}.`
  return {
    ok: true,
    json: {
      signsFrom: isoAt(signsFrom),
      signingKeys: newest.map(({ kid, family }) => ({ kid, family })),
    },
    text,
  }
}
