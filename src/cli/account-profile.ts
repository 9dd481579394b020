// What is said about a person, as options of `account create` and `account update`, and the second command.

import { Option, type Command } from 'commander'
import type { Account, CreateFault } from '../accounts/accounts.js'
import type { Address, ProfileChanges } from '../accounts/profile.js'
import { LOCALES, type Locale } from '../i18n.js'
import { withAccount, type CommandContext, type Terminal } from './command-context.js'
import { reasonOption } from './operator.js'
import type { Answer, Answering } from './output.js'

export type ProfileOptions = {
  givenName?: string
  familyName?: string
  locale?: Locale | ''
  zoneinfo?: string
  phoneNumber?: string
  formattedAddress?: string
  streetAddress?: string
  locality?: string
  region?: string
  postalCode?: string
  country?: string
}
type UpdateOptions = ProfileOptions & {
  reason: string
  name?: string
  email?: string
  addGroup?: string[]
  removeGroup?: string[]
}

export const withProfileOptions = (command: Command, locales: readonly string[] = LOCALES): Command =>
  command
    .option('--given-name <name>', 'first name')
    .option('--family-name <name>', 'last name')
    .addOption(new Option('--locale <locale>', 'language of pages and mails').choices(locales))
    .option('--zoneinfo <zone>', 'time zone, such as America/Toronto')
    .option('--phone-number <number>', 'telephone number')
    .option('--formatted-address <text>', 'postal address, in one text')
    .option('--street-address <text>', 'number and street')
    .option('--locality <text>', 'city')
    .option('--region <text>', 'province')
    .option('--postal-code <text>', 'postal code')
    .option('--country <text>', 'country')

export function addUpdateCommand(account: Command, answering: Answering, terminal: Terminal): void {
  const command = account
    .command('update')
    .description('correct what is said about a person; an empty text ("") takes back what was known')
    .argument('<cip>')
    .option('--name <name>', 'first and last name')
    .option('--email <address>', 'where mails go; the old address is told too')
    .option('--add-group <name...>', 'into these groups; may be repeated')
    .option('--remove-group <name...>', 'out of these groups; may be repeated')
    .addOption(reasonOption().makeOptionMandatory())
  withProfileOptions(command, [...LOCALES, '']).action((cip: string, options: UpdateOptions) =>
    answering(() => withAccount(terminal, cip, (context, found) => update(context, found, options))),
  )
}

async function update(
  { profileUpdate, actor }: CommandContext,
  account: Account,
  options: UpdateOptions,
): Promise<Answer> {
  const { reason, name, email, addGroup: addGroups, removeGroup: removeGroups } = options
  const changes = { ...profileOf(options), name, email, addGroups, removeGroups }
  const updated = await profileUpdate.update(account, changes, actor, reason)
  if (!updated.ok)
    return {
      ok: false,
      fault:
        updated.fault === 'account-gone'
          ? `${account.cip} has been erased meanwhile`
          : profileFault(updated.fault, { ...changes, cip: account.cip }),
    }
  const { changed } = updated
  return {
    ok: true,
    json: { cip: account.cip, changed },
    text:
      changed.length === 0
        ? `${account.cip} is so already: nothing changed.`
        : `${account.cip} is updated: ${changed.join(', ')}.`,
  }
}

export function profileOf(options: ProfileOptions): ProfileChanges {
  const { givenName, familyName, locale, zoneinfo, phoneNumber } = options
  const address: Record<keyof Address, string | undefined> = {
    formatted: options.formattedAddress,
    street_address: options.streetAddress,
    locality: options.locality,
    region: options.region,
    postal_code: options.postalCode,
    country: options.country,
  }
  const given = Object.entries(address).filter(([, value]) => value !== undefined)
  return { givenName, familyName, locale, zoneinfo, phoneNumber, address: Object.fromEntries(given) }
}

/** Why an account is not made so, or not changed so, in words. */
export function profileFault(
  fault: CreateFault,
  { cip, email, phoneNumber, zoneinfo }: ProfileChanges & { cip: string },
  cipForm = '',
): string {
  const aName = 'must be 1 to 100 characters, without control characters'
  const faults: Record<CreateFault, string> = {
    'address-invalid': 'each part of the address must be 1 to 200 characters, without control characters',
    'cip-invalid': `"${cip}" is not a CIP: 2 to 32 letters, digits, dots, hyphens or underscores${cipForm}`,
    'cip-taken': `the CIP "${cip}" is taken`,
    'email-invalid': `"${email}" is not an email address`,
    'family-name-invalid': `the last name ${aName}`,
    'given-name-invalid': `the first name ${aName}`,
    'group-invalid':
      'a group has a name of 1 to 64 characters, without control characters, comma, semicolon or star; ' +
      'nobody is in more than 100',
    'locale-invalid': 'the language must be fr-CA or en',
    'name-invalid': `the name ${aName}`,
    'phone-number-invalid': `"${phoneNumber}" is not a telephone number`,
    'zoneinfo-invalid': `"${zoneinfo}" is not a time zone such as America/Toronto`,
  }
  return faults[fault]
}
