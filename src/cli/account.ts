// `account`: the accounts of people, and what an operator does about them. Must never take a password: one is
// made, mailed, and shown only to an operator who asks for it (PW-11).

import { Option, type Command } from 'commander'
import type { CreateFault, NewAccount } from '../accounts/accounts.js'
import { LOCALES, type Locale } from '../i18n.js'
import { addActCommands, issuedPassword, PRINT_PASSWORD } from './account-acts.js'
import { addImportCommand } from './account-import.js'
import { listAccounts, showAccount } from './account-view.js'
import { addConsentCommands } from './consents.js'
import { reasonOption } from './operator.js'
import type { Answer, Answering } from './output.js'
import { withAccount, withServices, type CommandContext, type Terminal } from './command-context.js'

type CreateOptions = {
  name: string
  email: string
  locale?: Locale
  phoneNumber?: string
  printPassword?: true
}
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
    .addOption(reasonOption())
    .action((cip: string, options: CreateOptions) =>
      answering(() => withServices(terminal, (context) => create(context, cip, options))),
    )

  account
    .command('list')
    .description('all accounts')
    .addOption(reasonOption())
    .action(() => answering(() => withServices(terminal, listAccounts)))

  account
    .command('show')
    .description('one account: its state, its devices, its waits')
    .argument('<cip>')
    .addOption(reasonOption())
    .action((cip: string) => answering(() => withAccount(terminal, cip, showAccount)))

  addActCommands(account, answering, terminal)
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
  return issuedPassword(context, created, `Account ${created.account.cip} created.`, options.printPassword)
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
