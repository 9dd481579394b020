// `keys rotate-master` and `keys retire-master`: a change of master key while the service runs. The last step
// is refused as long as something would be lost by it.

import type { Command } from 'commander'
import type { HashedCounts } from '../../db/repositories/sealed-values.js'
import { dependentsOf, endingWith, retireMasterKey, rotateMasterKey } from '../keys/master-keys.js'
import { KNOWN_BROWSER_MS } from '../sign-ins/known-browsers.js'
import { reasonOption } from './operator.js'
import { list, type Answer, type Answering } from './output.js'
import { withServices, type CommandContext, type Terminal } from './command-context.js'

type Counts = Record<string, number>
type RetireOptions = { withPasswords?: true; withSessions?: true }

export function addMasterKeyCommands(keys: Command, answering: Answering, terminal: Terminal): void {
  keys
    .command('rotate-master')
    .description(
      'seal again, under the first key of MASTER_KEYS, what older keys hold; people go on signing in meanwhile',
    )
    .addOption(reasonOption())
    .action(() => answering(() => withServices(terminal, rotateMaster)))
  keys
    .command('retire-master')
    .description('let an older master key go, once nothing depends on it')
    .argument('<id>')
    .option('--with-passwords', 'give up the passwords that depend on it: their owners will need a reset')
    .addOption(reasonOption())
    .option('--with-sessions', 'end the sessions, refresh tokens and activation codes that began under it')
    .action((id: string, options: RetireOptions) =>
      answering(() => withServices(terminal, (context) => retire(context, terminal.now(), id, options), id)),
    )
}

async function rotateMaster(context: CommandContext): Promise<Answer> {
  const resealed = await rotateMasterKey(context, context.actor)
  const counts = Object.entries(resealed).map(([kind, count]) => [kind, String(count)] as const)
  return {
    ok: true,
    json: { key: context.ring.writingKeyId, resealed },
    text: `Sealed again under "${context.ring.writingKeyId}":\n${list(counts)}\nPasswords follow, each at its owner’s next sign-in.`,
  }
}

async function retire(
  context: CommandContext,
  now: number,
  id: string,
  { withPasswords, withSessions }: RetireOptions,
): Promise<Answer> {
  if (id === context.ring.writingKeyId)
    return {
      ok: false,
      fault: `"${id}" is the key that writes: MASTER_KEYS must begin with another one first`,
    }
  const { passwords = 0, ...sealed } = await dependentsOf(context, id)
  if (Object.values(sealed).some((count) => count > 0))
    return {
      ok: false,
      fault: `"${id}" still holds ${dependentsText(sealed)}: run \`keys rotate-master\` first`,
    }
  if (passwords > 0 && !withPasswords)
    return {
      ok: false,
      fault: `${passwords} passwords still depend on "${id}": their owners have not signed in since the rotation. With --with-passwords they will need a reset`,
    }
  const ended = await endingWith(context, now, KNOWN_BROWSER_MS)
  // A browser that is forgotten shares the waits of all strangers until its next sign-in: that ends nothing.
  const { knownBrowsers: _forgotten, ...live } = ended
  if (Object.values(live).some((count) => count > 0) && !withSessions)
    return {
      ok: false,
      fault: `from before the rotation live on, and end with "${id}": ${endedText(ended)}. Wait, or end them: --with-sessions`,
    }
  const givenUp = { passwordsGivenUp: passwords, ...ended }
  if (!(await retireMasterKey(context, id, context.actor, givenUp)))
    return { ok: false, fault: `this database knows no master key "${id}"` }
  const resets = passwords === 0 ? '' : ` Passwords given up, whose owners need a reset: ${passwords}.`
  return {
    ok: true,
    json: { id, retired: true, passwordsGivenUp: passwords, ended },
    text: `"${id}" may leave MASTER_KEYS.${resets}\nWith it end: ${endedText(ended)}.\nKeep it apart: \`audit verify --retired-keys\` needs it for the events recorded under it.`,
  }
}

const endedText = ({ sessions, refreshTokens, activationCodes, knownBrowsers }: HashedCounts): string =>
  `sessions ${sessions}, refresh tokens ${refreshTokens}, activation codes ${activationCodes}, known browsers ${knownBrowsers}`

/** «3 signing-key, 12 passwords», or «nothing». */
export function dependentsText(counts: Counts): string {
  const held = Object.entries(counts).filter(([, count]) => count > 0)
  return held.length === 0 ? 'nothing' : held.map(([kind, count]) => `${count} ${kind}`).join(', ')
}
