// `client`: the relying parties. The record is OpenID Connect client metadata; the options are shorthand for
// its members. The secret is made by the service and printed once; it is never taken from the command line or
// from a file.

import type { Command } from 'commander'
import { NATIVE_REDIRECT_URIS } from '../oidc/redirect-uris.js'
import { addApplyCommand } from './client-apply.js'
import { addProblemsCommand } from './client-problems.js'
import { addRecordOptions, membersFrom, type RecordOptions } from './client-options.js'
import { addUpdateCommand } from './client-update.js'
import { reasonOption } from './operator.js'
import { list, table, type Answer, type Answering } from './output.js'
import { withServices, type CommandContext, type Terminal } from './command-context.js'

type RemoveOptions = { yes?: true }

const NATIVE_DEFAULTS = {
  application_type: 'native',
  token_endpoint_auth_method: 'none',
  redirect_uris: NATIVE_REDIRECT_URIS,
}

export function addClientCommands(client: Command, answering: Answering, terminal: Terminal): void {
  const createCommand = client
    .command('create')
    .description('register a relying party; its secret is printed once')
    .argument('<client_id>')
  addRecordOptions(createCommand)
    .addOption(reasonOption())
    .action((clientId: string, options: RecordOptions) =>
      answering(() => create(terminal, clientId, options)),
    )

  client
    .command('list')
    .description('all relying parties')
    .action(() => answering(() => withServices(terminal, listClients)))

  client
    .command('show')
    .description('the record of one relying party, without its secret')
    .argument('<client_id>')
    .action((clientId: string) =>
      answering(() => withServices(terminal, (context) => show(context, clientId))),
    )

  client
    .command('rotate-secret')
    .description('make a new secret, printed once; the old one stops working at once')
    .argument('<client_id>')
    .addOption(reasonOption())
    .action((clientId: string) =>
      answering(() => withServices(terminal, (context) => rotateSecret(context, clientId))),
    )

  addUpdateCommand(client, answering, terminal)
  addApplyCommand(client, answering, terminal)
  addProblemsCommand(client, answering, terminal)

  client
    .command('remove')
    .description('remove a relying party: nobody can sign in through it any more')
    .argument('<client_id>')
    .option('--yes', 'needed at a keyboard, not in a script')
    .addOption(reasonOption())
    .action((clientId: string, options: RemoveOptions) =>
      answering(() => remove(terminal, clientId, options)),
    )
}

async function rotateSecret({ clients, actor }: CommandContext, clientId: string): Promise<Answer> {
  const rotated = await clients.rotateSecret(clientId, actor)
  return rotated.ok ? registered(clientId, rotated.clientSecret) : rotated
}

async function create(terminal: Terminal, clientId: string, options: RecordOptions): Promise<Answer> {
  const members = membersFrom(options)
  if (typeof members === 'string') return { ok: false, fault: members }
  const record = { ...(options.native && NATIVE_DEFAULTS), ...members, client_id: clientId }
  return withServices(terminal, async ({ clients, actor }) => {
    const created = await clients.create(record, actor)
    return created.ok ? registered(clientId, created.clientSecret) : created
  })
}

/** Shows a secret that was just made, once. */
function registered(clientId: string, clientSecret: string | undefined): Answer {
  const lines = list([
    ['client_id', clientId],
    ...(clientSecret === undefined ? [] : [['client_secret', clientSecret] as const]),
  ])
  return {
    ok: true,
    json: { client_id: clientId, ...(clientSecret !== undefined && { client_secret: clientSecret }) },
    text: clientSecret === undefined ? lines : `${lines}\nThe secret is not shown again.`,
  }
}

async function listClients({ clients }: CommandContext): Promise<Answer> {
  const all = await clients.list()
  const rows = all.map((client) => [
    client.client_id,
    client.client_name ?? '',
    client.token_endpoint_auth_method,
    client.pkce,
    client.redirect_uris.join(' '),
  ])
  return {
    ok: true,
    json: all,
    text:
      all.length === 0
        ? 'There is no relying party yet.'
        : table(['client_id', 'Name', 'Authentication', 'PKCE', 'Redirect URIs'], rows),
  }
}

async function show({ clients }: CommandContext, clientId: string): Promise<Answer> {
  const client = await clients.show(clientId)
  if (client === undefined) return notFound(clientId)
  const members = Object.entries(client).map(([name, value]) => [name, valueText(value)] as const)
  return { ok: true, json: client, text: list(members) }
}

const valueText = (value: unknown): string =>
  Array.isArray(value) && value.every((item) => typeof item === 'string')
    ? value.join(' ')
    : typeof value === 'string'
      ? value
      : JSON.stringify(value)

async function remove(terminal: Terminal, clientId: string, { yes }: RemoveOptions): Promise<Answer> {
  if (terminal.isInteractive && !yes)
    return { ok: false, fault: `nobody could sign in through "${clientId}" any more: add --yes to remove it` }
  return withServices(terminal, async ({ clients, actor }) => {
    if (!(await clients.remove(clientId, actor))) return notFound(clientId)
    return { ok: true, json: { client_id: clientId, removed: true }, text: `${clientId} is removed.` }
  })
}

const notFound = (clientId: string): Answer => ({ ok: false, fault: `no client has the id "${clientId}"` })
