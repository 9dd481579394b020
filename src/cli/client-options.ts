// The options of `client create` and `client update`: shorthand for the members of a record.

import { Option, type Command } from 'commander'
import { readFileSync } from 'node:fs'
import { CLIENT_AUTH_METHODS, GRANT_TYPES, SIGNING_ALGORITHMS } from '../oidc/client-metadata.js'
import { addClaimOptions, claimMembers, type ClaimOptions } from './client-claims.js'
import { wholeNumber } from './options.js'

export type Metadata = Record<string, unknown>
export type RecordOptions = ClaimOptions & {
  redirectUri?: string[]
  postLogoutRedirectUri?: string[]
  name?: string
  public?: true
  native?: true
  privateUseScheme?: string[]
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

const LONGEST_MAX_AGE = 24 * 3_600

export const addRecordOptions = (command: Command): Command =>
  addClaimOptions(command)
    .option('--redirect-uri <uri...>', 'where sign-ins return to; may be repeated')
    .option('--post-logout-redirect-uri <uri...>', 'where sign-outs return to; may be repeated')
    .option('--name <text>', 'name that people see')
    .option(
      '--native',
      'runs on the person’s own device: any port on loopback, and no secret unless --auth-method says so',
    )
    .option('--private-use-scheme <scheme...>', 'schemes of its own for a native application, with a dot')
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

/** The members that the options name, and those of the file, which they win over; or what is wrong with it. */
export function membersFrom(options: RecordOptions): Metadata | string {
  const file = options.metadata === undefined ? {} : readMetadata(options.metadata)
  return file === undefined
    ? `--metadata: "${options.metadata}" is not a file with one JSON object`
    : { ...file, ...fromOptions(options) }
}

function fromOptions(options: RecordOptions): Metadata {
  const metadata: Metadata = {
    'client_name': options.name,
    'client_name#en': options.clientNameEn,
    'client_uri': options.clientUri,
    'application_type': options.native && 'native',
    'private_use_schemes': options.privateUseScheme,
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
