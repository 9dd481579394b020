// `client`: the relying parties. The record is OpenID Connect client metadata; the options are shorthand for
// its members. The secret is made by the service and printed once; it is never taken from the command line or
// from a file.

import { Option, type Command } from 'commander'
import { readFileSync } from 'node:fs'
import { CLIENT_AUTH_METHODS, GRANT_TYPES, SIGNING_ALGORITHMS } from '../oidc/client-metadata.js'
import { addApplyCommand } from './client-apply.js'
import { addProblemsCommand } from './client-problems.js'
import { addClaimOptions, claimMembers, type ClaimOptions } from './client-claims.js'
import { reasonOption } from './operator.js'
import { wholeNumber } from './options.js'
import { list, table, type Answer, type Answering } from './output.js'
import { withServices, type CommandContext, type Terminal } from './command-context.js'

type CreateOptions = ClaimOptions & {
  redirectUri?: string[]
  postLogoutRedirectUri?: string[]
  name?: string
  public?: true
  pkce?: 'required' | 'optional'
  signInEveryTime?: true
  grant?: string[]
  authMethod?: string
  clientNameEn?: string
  clientUri?: string
  initiateLoginUri?: string
  backchannelLogoutUri?: string
  allowedOrigin?: string[]
  scope?: string[]
  consent?: 'ask' | 'skip'
  defaultMaxAge?: number
  subjectType?: 'public' | 'pairwise'
  idTokenAlg?: string
  metadata?: string
}
type RemoveOptions = { yes?: true }
type Metadata = Record<string, unknown>

const LONGEST_MAX_AGE = 24 * 3_600

export function addClientCommands(client: Command, answering: Answering, terminal: Terminal): void {
  const creation = client
    .command('create')
    .description('register a relying party; its secret is printed once')
    .argument('<client_id>')
    .option('--redirect-uri <uri...>', 'where sign-ins return to; may be repeated')
    .option('--post-logout-redirect-uri <uri...>', 'where sign-outs return to; may be repeated')
    .option('--name <text>', 'name that people see')
    .addOption(new Option('--public', 'no secret: a phone or browser application').conflicts('authMethod'))
    .addOption(
      new Option(
        '--pkce <rule>',
        'optional only for an old confidential application (default: required)',
      ).choices(['required', 'optional']),
    )
    .option('--sign-in-every-time', 'never reuse a session: every sign-in is a full one')
    .addOption(
      new Option('--grant <type...>', 'grant types (default: authorization_code)').choices(GRANT_TYPES),
    )
    .addOption(
      new Option('--auth-method <method>', 'at the token endpoint (default: client_secret_basic)').choices(
        CLIENT_AUTH_METHODS,
      ),
    )
    .option('--client-name-en <text>', 'name that people see in English')
    .option('--client-uri <uri>', 'home page of the application')
    .option('--initiate-login-uri <uri>', 'where the application starts a sign-in')
    .option('--backchannel-logout-uri <uri>', 'where the application is told that a session has ended')
    .option(
      '--allowed-origin <origin...>',
      'web origins whose scripts may call the provider; may be repeated',
    )
    .option('--scope <scope...>', 'what it may ask for (default: openid profile email cip)')
    .addOption(
      new Option('--consent <rule>', 'ask people before a third party gets anything (default: skip)').choices(
        ['ask', 'skip'],
      ),
    )
    .option(
      '--default-max-age <seconds>',
      'an older sign-in is asked for again',
      wholeNumber(0, LONGEST_MAX_AGE),
    )
    .addOption(
      new Option(
        '--subject-type <type>',
        'pairwise: another sub for each application (default: public)',
      ).choices(['public', 'pairwise']),
    )
    .addOption(
      new Option('--id-token-alg <algorithm>', 'what signs its tokens (default: RS256)').choices(
        SIGNING_ALGORITHMS,
      ),
    )
    .option('--metadata <file.json>', 'further client metadata; the options above win over it')
    .addOption(reasonOption())
    .action((clientId: string, options: CreateOptions) =>
      answering(() => create(terminal, clientId, options)),
    )
  addClaimOptions(creation)

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

async function create(terminal: Terminal, clientId: string, options: CreateOptions): Promise<Answer> {
  const file = options.metadata === undefined ? {} : readMetadata(options.metadata)
  if (file === undefined)
    return { ok: false, fault: `--metadata: "${options.metadata}" is not a file with one JSON object` }
  return withServices(terminal, async ({ clients, actor }) => {
    const created = await clients.create({ ...file, ...fromOptions(clientId, options) }, actor)
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

function fromOptions(clientId: string, options: CreateOptions): Metadata {
  const hasNoCode = options.grant !== undefined && !options.grant.includes('authorization_code')
  const metadata: Metadata = {
    'client_id': clientId,
    'client_name': options.name,
    'client_name#en': options.clientNameEn,
    'client_uri': options.clientUri,
    'redirect_uris': options.redirectUri,
    'post_logout_redirect_uris': options.postLogoutRedirectUri,
    'initiate_login_uri': options.initiateLoginUri,
    'backchannel_logout_uri': options.backchannelLogoutUri,
    'allowed_origins': options.allowedOrigin,
    'scope': options.scope?.join(' '),
    'consent': options.consent,
    'default_max_age': options.defaultMaxAge,
    'subject_type': options.subjectType,
    'id_token_signed_response_alg': options.idTokenAlg,
    'grant_types': options.grant,
    'response_types': hasNoCode ? [] : undefined,
    'token_endpoint_auth_method': options.public ? 'none' : options.authMethod,
    'pkce': options.pkce,
    'sign_in_every_time': options.signInEveryTime,
    ...claimMembers(options),
  }
  return Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== undefined))
}

function readMetadata(path: string): Metadata | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Metadata)
      : undefined
  } catch {
    return undefined
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
