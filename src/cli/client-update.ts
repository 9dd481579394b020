// `client update`: changes what the options name in one relying party's record, and leaves the rest.

import type { Command } from 'commander'
import { entryOf, entryText } from './client-entry.js'
import { addRecordOptions, membersFrom, type RecordOptions } from './client-options.js'
import { withServices, type Terminal } from './command-context.js'
import { reasonOption } from './operator.js'
import type { Answer, Answering } from './output.js'

type UpdateOptions = RecordOptions & { unset?: string[] }

export function addUpdateCommand(client: Command, answering: Answering, terminal: Terminal): void {
  const command = client
    .command('update')
    .description('change what the options name in a record, and leave the rest')
    .argument('<client_id>')
  addRecordOptions(command)
    .option('--unset <member...>', 'members that go back to their defaults')
    .addOption(reasonOption())
    .action((clientId: string, options: UpdateOptions) =>
      answering(() => update(terminal, clientId, options)),
    )
}

async function update(terminal: Terminal, clientId: string, options: UpdateOptions): Promise<Answer> {
  const members = membersFrom(options)
  if (typeof members === 'string') return { ok: false, fault: members }
  const { unset = [] } = options
  if (Object.keys(members).length === 0 && unset.length === 0)
    return { ok: false, fault: 'nothing to change: name an option of the record, or --unset' }
  return withServices(terminal, async ({ clients, actor }) => {
    const updated = await clients.update(clientId, members, unset, actor)
    if (!updated.ok) return updated
    const entry = entryOf(updated.applied, updated.clientSecret)
    return { ok: true, json: entry, text: entryText(entry) }
  })
}
