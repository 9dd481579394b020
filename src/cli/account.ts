// `account`: what an operator does about a person's account. Who is affected and why goes to the audit log.
// Must never take a password: one is made, mailed, and shown only to an operator who asks for it (PW-11).

import { Option, type Command } from 'commander'
import type { Account, CreateFault, IssuedPassword, NewAccount } from '../accounts/accounts.js'
import { LOCALES, type Locale } from '../i18n.js'
import { DEFAULT_ACTIVATION_MINUTES, MAX_ACTIVATION_MINUTES } from '../second-factors/activation.js'
import { addImportCommand } from './account-import.js'
import { listAccounts, showAccount } from './account-view.js'
import { addConsentCommands } from './consents.js'
import { reasonOption } from './operator.js'
import { wholeNumber } from './options.js'
import { formatAt, isoAt, list, type Answer, type Answering } from './output.js'
import { withAccount, withServices, type CommandContext, type Terminal } from './command-context.js'

type CreateOptions = {
  name: string
  email: string
  locale?: Locale
  phoneNumber?: string
  printPassword?: true
}
type ActOptions = { reason: string; printPassword?: true; minutes?: number }
type Act = (context: CommandContext, account: Account, options: ActOptions) => Promise<Answer>

const PRINT_PASSWORD = ['--print-password', 'print the temporary password instead of mailing it'] as const
// What a person would dial, with an extension as RFC 3966 writes it.
const PHONE_NUMBER = /^[+(]?\d[\d ().-]{1,30}(;ext=\d{1,8})?$/

export function addAccountCommands(account: Command, answering: Answering, terminal: Terminal): void {
  account
    .command('create')
    .description('create an account; its temporary password goes by mail')
    .argument('<cip>')
    .requiredOption('--name <name>', 'first and last name')
    .requiredOption('--email <address>', 'where mails go')
    .addOption(new Option('--locale <locale>', 'language of pages and mails').choices(LOCALES))
    .option('--phone-number <number>', 'telephone number')
    .option(...PRINT_PASSWORD)
    .action((cip: string, options: CreateOptions) =>
      answering(() => withServices(terminal, (context) => create(context, cip, options))),
    )

  account
    .command('list')
    .description('all accounts')
    .action(() => answering(() => withServices(terminal, (context) => listAccounts(context, terminal.now()))))

  account
    .command('show')
    .description('one account: its state, its device, its waits')
    .argument('<cip>')
    .action((cip: string) =>
      answering(() =>
        withAccount(terminal, cip, (context, found) => showAccount(context, found, terminal.now())),
      ),
    )

  const addAct = (name: string, description: string, act: Act): Command =>
    account
      .command(name)
      .description(description)
      .argument('<cip>')
      .addOption(reasonOption().makeOptionMandatory())
      .action((cip: string, options: ActOptions) =>
        answering(() => withAccount(terminal, cip, (context, found) => act(context, found, options))),
      )

  addAct('disable', 'refuse every sign-in from now on, end every session', disable)
  addAct('enable', 'undo «disable»', enable)
  addAct('sign-out', 'end every session; the next access is a full sign-in', signOut)
  addAct('unlock', 'lift the waits after wrong passwords and codes', unlock)
  addAct(
    'reset-password',
    'replace the password by a temporary one, end every session',
    resetPassword,
  ).option(...PRINT_PASSWORD)
  const withMinutes = (act: Command) =>
    act.option(
      '--minutes <number>',
      `how long the code can be used, at most ${MAX_ACTIVATION_MINUTES}`,
      wholeNumber(1, MAX_ACTIVATION_MINUTES),
      DEFAULT_ACTIVATION_MINUTES,
    )
  withMinutes(
    addAct(
      'reset-second-factor',
      'remove the device, end every session, print the activation code that the next device needs',
      resetSecondFactor,
    ),
  )
  withMinutes(
    addAct(
      'activation-code',
      'print a code that lets the person enrol a device; earlier ones stop working',
      issueActivationCode,
    ),
  )
  addConsentCommands(account, answering, terminal)
  addImportCommand(account, answering, terminal)
}

async function create(context: CommandContext, cip: string, options: CreateOptions): Promise<Answer> {
  const { name, email, locale, phoneNumber } = options
  if (phoneNumber !== undefined && !PHONE_NUMBER.test(phoneNumber))
    return { ok: false, fault: `"${phoneNumber}" is not a telephone number` }
  const person: NewAccount = {
    cip,
    name,
    email,
    ...(locale && { locale }),
    ...(phoneNumber && { phoneNumber }),
  }
  const created = await context.accounts.create(
    person,
    context.actor,
    options.printPassword ? 'print' : 'mail',
  )
  if (!created.ok) return { ok: false, fault: createFault(created.fault, person, context) }
  return issued(context, created, `Account ${created.account.cip} created.`, options.printPassword)
}

function createFault(fault: CreateFault, { cip, email }: NewAccount, { config }: CommandContext): string {
  const pattern = config.cipPattern === undefined ? '' : ', of the form that CIP_PATTERN demands'
  const faults: Record<CreateFault, string> = {
    'cip-invalid': `"${cip}" is not a CIP: 2 to 32 letters, digits, dots, hyphens or underscores${pattern}`,
    'cip-taken': `the CIP "${cip}" is taken`,
    'email-invalid': `"${email}" is not an email address`,
    'name-invalid': 'the name must be 1 to 100 characters, without control characters',
  }
  return faults[fault]
}

async function resetPassword(
  context: CommandContext,
  account: Account,
  { reason, printPassword }: ActOptions,
): Promise<Answer> {
  const reset = await context.accounts.resetPassword(
    account,
    context.actor,
    reason,
    printPassword ? 'print' : 'mail',
  )
  return issued(
    context,
    reset,
    `The password of ${account.cip} is reset; every session is ended.`,
    printPassword,
  )
}

/** The only place that shows a temporary password, once. */
function issued(
  { config }: CommandContext,
  { account, temporaryPassword, expiresAt }: IssuedPassword,
  title: string,
  printPassword: true | undefined,
): Answer {
  const delivered = printPassword
    ? (['Temporary password', temporaryPassword] as const)
    : (['Temporary password', `by mail to ${account.email}`] as const)
  return {
    ok: true,
    json: { cip: account.cip, ...(printPassword && { temporaryPassword }), expiresAt: isoAt(expiresAt) },
    text: `${title}\n${list([delivered, ['Valid until', formatAt(expiresAt, config.timeZone)]])}`,
  }
}

async function disable(
  { accounts, actor }: CommandContext,
  account: Account,
  { reason }: ActOptions,
): Promise<Answer> {
  if (!(await accounts.disable(account, actor, reason)))
    return { ok: false, fault: `${account.cip} is disabled already` }
  return {
    ok: true,
    json: { cip: account.cip, status: 'disabled' },
    text: `${account.cip} is disabled; every session is ended.`,
  }
}

async function enable(
  { accounts, actor }: CommandContext,
  account: Account,
  { reason }: ActOptions,
): Promise<Answer> {
  if (!(await accounts.enable(account, actor, reason)))
    return { ok: false, fault: `${account.cip} is not disabled` }
  return { ok: true, json: { cip: account.cip, status: 'active' }, text: `${account.cip} may sign in again.` }
}

async function signOut(
  { accounts, actor }: CommandContext,
  account: Account,
  { reason }: ActOptions,
): Promise<Answer> {
  const sessions = await accounts.signOutEverywhere(account, actor, reason)
  return {
    ok: true,
    json: { cip: account.cip, sessions },
    text: `${account.cip} is signed out everywhere (sessions ended: ${sessions}).`,
  }
}

async function unlock(
  { accounts, secondFactors, actor }: CommandContext,
  account: Account,
  { reason }: ActOptions,
): Promise<Answer> {
  await accounts.unlock(account, actor, reason)
  const device = await secondFactors.current(account.id)
  const isDisabled = device !== undefined && device.disabledAt !== null
  const remark = isDisabled
    ? `\nIts device stays disabled after too many wrong codes: that takes reset-second-factor.`
    : ''
  return {
    ok: true,
    json: { cip: account.cip, secondFactorDisabled: isDisabled },
    text: `No wait stands against ${account.cip} any more.${remark}`,
  }
}

/**
 * A reset always hands out the code that the next device needs: without it the person would have to call
 * again.
 */
async function resetSecondFactor(
  context: CommandContext,
  account: Account,
  { reason, minutes }: ActOptions,
): Promise<Answer> {
  const removed = await context.secondFactors.reset(account, context.actor, reason)
  const { code, expiresAt } = await context.activation.issue(account, context.actor, reason, minutes)
  const what = removed === 0 ? `${account.cip} had no device` : `The device of ${account.cip} is removed`
  return {
    ok: true,
    json: { cip: account.cip, removed, activationCode: code, expiresAt: isoAt(expiresAt) },
    text: `${what}; every session is ended.\n${activationCodeText(code, formatAt(expiresAt, context.config.timeZone))}`,
  }
}

const activationCodeText = (code: string, until: string): string =>
  list([
    ['Activation code', code],
    ['Valid until', until],
  ])

async function issueActivationCode(
  { activation, config, actor }: CommandContext,
  account: Account,
  { reason, minutes }: ActOptions,
): Promise<Answer> {
  const { code, expiresAt } = await activation.issue(account, actor, reason, minutes)
  return {
    ok: true,
    json: { cip: account.cip, activationCode: code, expiresAt: isoAt(expiresAt) },
    text: activationCodeText(code, formatAt(expiresAt, config.timeZone)),
  }
}
