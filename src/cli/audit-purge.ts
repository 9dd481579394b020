// `audit purge`: lets go of the beginning of the audit log, where nobody has to keep it any longer.

import type { Command } from 'commander'
import { withServices, type CommandContext, type Terminal } from './command-context.js'
import { reasonOption } from './operator.js'
import { beforeOption, boundsOf } from './options.js'
import type { Answer, Answering } from './output.js'

type PurgeOptions = { before: string; yes?: true }

export function addPurgeCommand(audit: Command, answering: Answering, terminal: Terminal): void {
  audit
    .command('purge')
    .description('let go of what is older than a day; an event says how far, and the rest still verifies')
    .addOption(beforeOption().makeOptionMandatory())
    .addOption(reasonOption().makeOptionMandatory())
    .option('--yes', 'needed at a keyboard, not in a script')
    .action((options: PurgeOptions) =>
      answering(() => withServices(terminal, (context) => purge(context, terminal.now(), options))),
    )
}

async function purge(
  { auditRetention, actor, config, isInteractive }: CommandContext,
  now: number,
  { before, yes }: PurgeOptions,
): Promise<Answer> {
  const { since = now } = boundsOf({ since: before }, config.timeZone)
  if (since > now) return { ok: false, fault: `--before: ${before} is in the future` }
  if (isInteractive && !yes)
    return { ok: false, fault: `the events before ${before} would be gone: add --yes to let go of them` }
  const events = await auditRetention.purge(since, actor, { now })
  return {
    ok: true,
    json: { purged: events },
    text: events === 0 ? `There is no event before ${before}.` : `${events} events were let go.`,
  }
}
