// `api`: the hospital's APIs that relying parties may ask tokens for (RFC 8707), their scopes, how long a
// token lives.

import { Option, type Command } from 'commander'
import type { TokenFormat } from '../../db/repositories/resource-servers.js'
import { MAX_TOKEN_SECONDS, type ResourceServerView } from '../oidc/resource-servers.js'
import { reasonOption } from './operator.js'
import { wholeNumber } from './options.js'
import { table, type Answer, type Answering } from './output.js'
import { withServices, type CommandContext, type Terminal } from './command-context.js'

type CreateOptions = { name: string; scope: string[]; tokenSeconds: number; tokenFormat: TokenFormat }

const LEAST_TOKEN_SECONDS = 30

export function addApiCommands(api: Command, answering: Answering, terminal: Terminal): void {
  api
    .command('create')
    .description('register an API by its resource indicator, an absolute address')
    .argument('<indicator>')
    .requiredOption('--name <text>', 'name that people see')
    .requiredOption('--scope <scope...>', 'what can be allowed; may be repeated')
    .option(
      '--token-seconds <number>',
      'how long a token lives',
      wholeNumber(LEAST_TOKEN_SECONDS, MAX_TOKEN_SECONDS),
      MAX_TOKEN_SECONDS,
    )
    .addOption(
      new Option('--token-format <format>', 'a JWT that the API reads, or an opaque token that it asks about')
        .choices(['jwt', 'opaque'])
        .default('jwt'),
    )
    .addOption(reasonOption())
    .action((indicator: string, options: CreateOptions) =>
      answering(() => withServices(terminal, (context) => create(context, indicator, options))),
    )

  api
    .command('credentials')
    .description('make an API a client that introspects the tokens meant for it')
    .argument('<indicator>')
    .argument('<client_id>')
    .addOption(reasonOption())
    .action((indicator: string, clientId: string) =>
      answering(() => withServices(terminal, (context) => giveCredentials(context, indicator, clientId))),
    )

  api
    .command('list')
    .description('all APIs')
    .action(() => answering(() => withServices(terminal, list)))

  api
    .command('remove')
    .description('remove an API: no token is issued for it any more')
    .argument('<indicator>')
    .option('--yes', 'needed at a keyboard, not in a script')
    .addOption(reasonOption())
    .action((indicator: string, { yes }: { yes?: true }) => answering(() => remove(terminal, indicator, yes)))
}

async function create(
  { resourceServers, actor }: CommandContext,
  indicator: string,
  { name, scope, tokenSeconds, tokenFormat }: CreateOptions,
): Promise<Answer> {
  const api: ResourceServerView = {
    indicator,
    name,
    scopes: [...new Set(scope)],
    tokenSeconds,
    tokenFormat,
  }
  const created = await resourceServers.create(api, actor)
  return created.ok ? { ok: true, json: api, text: `API ${indicator} registered.` } : created
}

/** A client like any other, so that its secret is changed and taken back by the same commands. */
async function giveCredentials(
  { clients, resourceServers, actor }: CommandContext,
  indicator: string,
  clientId: string,
): Promise<Answer> {
  const server = (await resourceServers.list()).find((api) => api.indicator === indicator)
  if (server === undefined) return { ok: false, fault: `no API has the indicator "${indicator}"` }
  const record = {
    client_id: clientId,
    client_name: server.name,
    grant_types: [],
    resource_server: indicator,
  }
  const created = await clients.create(record, actor)
  if (!created.ok) return created
  return {
    ok: true,
    json: { client_id: clientId, client_secret: created.clientSecret },
    text: `client_id: ${clientId}\nclient_secret: ${created.clientSecret}\nThe secret is not shown again.`,
  }
}

async function list({ resourceServers }: CommandContext): Promise<Answer> {
  const all = await resourceServers.list()
  const rows = all.map(({ indicator, name, scopes, tokenSeconds, tokenFormat }) => [
    indicator,
    name,
    scopes.join(' '),
    `${tokenSeconds} s`,
    tokenFormat,
  ])
  return {
    ok: true,
    json: all,
    text:
      all.length === 0
        ? 'There is no API yet.'
        : table(['Indicator', 'Name', 'Scopes', 'Token lives', 'Format'], rows),
  }
}

async function remove(terminal: Terminal, indicator: string, yes: true | undefined): Promise<Answer> {
  if (terminal.isInteractive && !yes)
    return {
      ok: false,
      fault: `no token would be issued for "${indicator}" any more: add --yes to remove it`,
    }
  return withServices(terminal, async ({ resourceServers, actor }) => {
    if (!(await resourceServers.remove(indicator, actor)))
      return { ok: false, fault: `no API has the indicator "${indicator}"` }
    return { ok: true, json: { indicator, removed: true }, text: `${indicator} is removed.` }
  })
}
