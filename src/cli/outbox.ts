// `outbox list` and `outbox resend`: which mails wait or never arrived, and why; and one more try.

import type { Command } from 'commander'
import type { ResendOutcome } from '../account-actions/resend-mail.js'
import { fateOf, type MailFate } from '../mail/fate.js'
import {
  recordRead,
  withAccount,
  withServices,
  type CommandContext,
  type Terminal,
} from './command-context.js'
import { reasonOption } from './operator.js'
import { formatAt, isoAt, table, type Answer, type Answering } from './output.js'

const MOST_LISTED = 200

const REFUSALS: Record<Extract<ResendOutcome, { ok: false }>['fault'], string> = {
  'unknown': 'no such mail: `outbox list` shows those that wait or were refused',
  'sent': 'it was sent meanwhile',
  'text-gone':
    'its text is gone: issue what it told of again (`account reset-password`, `account activation-code`)',
  'account-gone': 'its account is gone',
  'altered':
    'the mail, or its account, was changed past this program: see `doctor`, and issue what it told of again',
}

export function addOutboxCommands(outbox: Command, answering: Answering, terminal: Terminal): void {
  outbox
    .command('list')
    .description('the mails that wait or never arrived; with --cip all of one person')
    .option('--cip <cip>', 'of this person alone')
    .addOption(reasonOption())
    .action(({ cip }: { cip?: string }) =>
      answering(() =>
        cip === undefined
          ? withServices(terminal, (context) => list(context))
          : withAccount(terminal, cip, (context, account) => list(context, account)),
      ),
    )

  outbox
    .command('resend <id>')
    .description('send it now, to the address the person has today')
    .addOption(reasonOption().makeOptionMandatory())
    .action((id: string, { reason }: { reason: string }) =>
      answering(() => withServices(terminal, (context) => resend(context, id, reason))),
    )
}

async function list(context: CommandContext, account?: { id: string; cip: string }): Promise<Answer> {
  const { store, config } = context
  const mails = await store.outbox.list(account?.id, MOST_LISTED)
  await recordRead(context, {
    event: 'mails.listed',
    ...(account && { account }),
    details: { mails: mails.length },
  })
  const rows = await Promise.all(
    mails.map(async (mail) => ({
      ...fateOf(mail),
      cip: account?.cip ?? (await cipOf(context, mail.accountId)),
    })),
  )
  const at = (time: number) => formatAt(time, config.timeZone)
  return {
    ok: true,
    json: rows.map(({ createdAt, at: time, ...row }) => ({
      ...row,
      createdAt: isoAt(createdAt),
      at: isoAt(time),
    })),
    text:
      rows.length === 0
        ? 'No mail waits, and none was refused.'
        : table(
            ['Id', 'CIP', 'Kind', 'Written', 'State'],
            rows.map((row) => [row.id, row.cip ?? '—', row.kind, at(row.createdAt), fateText(row, at)]),
          ),
  }
}

const cipOf = async ({ accounts }: CommandContext, id: string | null): Promise<string | null> =>
  id === null ? null : ((await accounts.findById(id))?.cip ?? null)

export function fateText(
  { state, at: time, tries, refusal }: MailFate,
  at: (time: number) => string,
): string {
  switch (state) {
    case 'sent':
      return `sent ${at(time)}`
    case 'waiting':
      return tries === 0 ? 'waits for its first try' : `tries: ${tries}, the next ${at(time)}`
    case 'refused':
      return `refused ${at(time)}: ${refusal ?? ''}`
    case 'given-up':
      return `given up ${at(time)} after ${tries} tries`
  }
}

async function resend({ mailResending, actor }: CommandContext, id: string, reason: string): Promise<Answer> {
  const outcome = await mailResending.resend(id, actor, reason)
  return outcome.ok
    ? {
        ok: true,
        json: { id, cip: outcome.account.cip, to: outcome.account.email },
        text: `It goes to ${outcome.account.email} as soon as the provider looks, which is every two seconds.`,
      }
    : { ok: false, fault: REFUSALS[outcome.fault] }
}
