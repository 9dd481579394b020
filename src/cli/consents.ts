// `account consents` and `account revoke-consent`: what a person has allowed third-party applications.

import type { Command } from 'commander'
import type { Account } from '../accounts/accounts.js'
import type { Granted } from '../oidc/consents.js'
import { reasonOption } from './operator.js'
import { formatAt, isoAt, table, type Answer, type Answering } from './output.js'
import { recordRead, withAccount, type CommandContext, type Terminal } from './command-context.js'

export function addConsentCommands(account: Command, answering: Answering, terminal: Terminal): void {
  account
    .command('consents')
    .description('what the person has allowed third-party applications')
    .argument('<cip>')
    .action((cip: string) => answering(() => withAccount(terminal, cip, list)))

  account
    .command('revoke-consent')
    .description('take back what an application was allowed; ends every session')
    .argument('<cip>')
    .argument('<client_id>')
    .addOption(reasonOption().makeOptionMandatory())
    .action((cip: string, clientId: string, { reason }: { reason: string }) =>
      answering(() =>
        withAccount(terminal, cip, (context, found) => revoke(context, found, clientId, reason)),
      ),
    )
}

async function list(context: CommandContext, account: Account): Promise<Answer> {
  const { consents, config } = context
  const all = await consents.list(account)
  await recordRead(context, { event: 'account.viewed', account })
  const rows = all.map(({ clientId, grantedAt, granted }) => [
    clientId,
    formatAt(grantedAt, config.timeZone),
    grantedText(granted),
  ])
  return {
    ok: true,
    json: all.map(({ clientId, grantedAt, granted }) => ({
      client_id: clientId,
      grantedAt: isoAt(grantedAt),
      ...granted,
    })),
    text:
      all.length === 0
        ? `${account.cip} has allowed nothing to any application.`
        : table(['client_id', 'Since', 'Allowed'], rows),
  }
}

const grantedText = ({ scopes, claims, apis }: Granted): string =>
  [
    ...scopes,
    ...claims,
    ...Object.entries(apis).map(([api, allowed]) => `${api} (${allowed.join(' ')})`),
  ].join(' ')

async function revoke(
  { consents, actor }: CommandContext,
  account: Account,
  clientId: string,
  reason: string,
): Promise<Answer> {
  if (!(await consents.revoke(account, clientId, actor, reason)))
    return { ok: false, fault: `${account.cip} has allowed nothing to "${clientId}"` }
  return {
    ok: true,
    json: { cip: account.cip, client_id: clientId, revoked: true },
    text: `${clientId} must ask ${account.cip} again; every session is ended.`,
  }
}
