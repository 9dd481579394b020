// `account list` and `account show`: the state of accounts (account-summary.ts) in words. Who reads is
// recorded.

import type { AccountOverview, AccountSummary, DeviceSummary } from '../account-actions/account-summary.js'
import type { SealFault } from '../accounts/account-seal.js'
import type { Account } from '../accounts/accounts.js'
import { formatAt, isoAt, list, table, type Answer } from './output.js'
import { recordRead, type CommandContext } from './command-context.js'
import { fateText } from './outbox.js'

type At = (time: number) => string

export async function listAccounts(context: CommandContext): Promise<Answer> {
  const at = timesOf(context)
  const all = (await context.accounts.list()).map(context.accountSummaries.overview)
  await recordRead(context, { event: 'accounts.listed', details: { accounts: all.length } })
  const rows = all.map((account) => [
    account.cip,
    account.name,
    account.email,
    account.status,
    account.password.state,
    account.lastSignInAt === null ? 'never' : at(account.lastSignInAt),
  ])
  return {
    ok: true,
    json: all.map(overviewJson),
    text:
      all.length === 0
        ? 'There is no account yet.'
        : table(['CIP', 'Name', 'Email', 'Status', 'Password', 'Last sign-in'], rows),
  }
}

export async function showAccount(context: CommandContext, account: Account): Promise<Answer> {
  const at = timesOf(context)
  const summary = await context.accountSummaries.summarise(account)
  await recordRead(context, { event: 'account.viewed', account })
  const devices = summary.secondFactors.map((device) => deviceText(device, at))
  const [firstDevice = noDeviceText(summary), ...furtherDevices] = devices
  const text = list([
    ['CIP', summary.cip],
    ['Name', summary.name],
    ['First, last name', `${summary.givenName ?? '—'}, ${summary.familyName ?? '—'}`],
    ['Email', summary.email],
    ['Telephone', summary.phoneNumber ?? '—'],
    ['Address', summary.address === null ? '—' : Object.values(summary.address).join(', ')],
    ['Groups', summary.groups.length === 0 ? '—' : summary.groups.join(', ')],
    ['Time zone', summary.zoneinfo ?? '—'],
    ['Language', summary.locale ?? `${context.config.defaultLocale} (not chosen)`],
    ['Subject', summary.sub],
    ['Created', at(summary.createdAt)],
    ['Status', summary.disabledAt === null ? 'active' : `disabled since ${at(summary.disabledAt)}`],
    ['Password', passwordText(summary, at)],
    ['Second factor', firstDevice],
    ...furtherDevices.map((device) => ['', device] as const),
    ['Last sign-in', summary.lastSignInAt === null ? 'never' : at(summary.lastSignInAt)],
    ['Next password', waitText(summary.waits.passwordSeconds)],
    ['Next code', waitText(summary.waits.codeSeconds)],
    ...summary.mails.map(
      (mail, index) =>
        [index === 0 ? 'Mails' : '', `${mail.kind}, ${at(mail.createdAt)}: ${fateText(mail, at)}`] as const,
    ),
    ...(summary.sealFault === null ? [] : [['Refused', SEAL_FAULTS[summary.sealFault]] as const]),
  ])
  return { ok: true, json: summaryJson(summary), text }
}

const overviewJson = ({ cip, name, email, locale, status, password, lastSignInAt }: AccountOverview) => ({
  cip,
  name,
  email,
  locale,
  status,
  password: { state: password.state, setAt: isoAt(password.setAt), expiresAt: isoAt(password.expiresAt) },
  lastSignInAt: isoAt(lastSignInAt),
})

const summaryJson = (summary: AccountSummary) => ({
  ...overviewJson(summary),
  givenName: summary.givenName,
  familyName: summary.familyName,
  zoneinfo: summary.zoneinfo,
  phoneNumber: summary.phoneNumber,
  address: summary.address,
  groups: summary.groups,
  sub: summary.sub,
  createdAt: isoAt(summary.createdAt),
  disabledAt: isoAt(summary.disabledAt),
  secondFactors: summary.secondFactors.map(({ name, enrolledAt, lastUsedAt, disabledAt }) => ({
    name,
    enrolledAt: isoAt(enrolledAt),
    lastUsedAt: isoAt(lastUsedAt),
    disabledAt: isoAt(disabledAt),
  })),
  activationRequiredAt: isoAt(summary.activation.requiredAt),
  waits: summary.waits,
  passwordPendingSince: isoAt(summary.passwordPendingSince),
  mails: summary.mails.map(({ createdAt, at, ...mail }) => ({
    ...mail,
    createdAt: isoAt(createdAt),
    at: isoAt(at),
  })),
  sealFault: summary.sealFault,
})

/** What is to be looked into before `account reseal`. */
export const SEAL_FAULTS: Record<SealFault, string> = {
  'seal-missing': 'it has no seal: it was not made by this program, or was robbed of it',
  'seal-broken': 'it was changed past this program',
  'key-unknown': 'it was sealed under a master key that is not in MASTER_KEYS',
  'older-row': 'an older copy was put back: the audit log tells of a later change',
}

function passwordText(
  { password, passwordPendingSince }: Pick<AccountSummary, 'password' | 'passwordPendingSince'>,
  at: At,
): string {
  switch (password.state) {
    case 'none':
      return passwordPendingSince === null
        ? 'none: reset-password issues one'
        : `none yet: its mail waits for its turn, since ${at(passwordPendingSince)}`
    case 'chosen':
      return `chosen by the person${password.setAt === null ? '' : `, ${at(password.setAt)}`}`
    case 'temporary':
      return `temporary until ${at(password.expiresAt)}`
    case 'expired':
      return `temporary, expired ${at(password.expiresAt)}`
  }
}

const noDeviceText = ({ activation }: AccountSummary): string =>
  `none: the next sign-in enrols one${activation.isRequired ? ' with an activation code' : ''}`

function deviceText({ name, enrolledAt, lastUsedAt, disabledAt }: DeviceSummary, at: At): string {
  const lastUsed = lastUsedAt === null ? '' : `, last used ${at(lastUsedAt)}`
  const disabled = disabledAt === null ? '' : `, disabled ${at(disabledAt)} after too many wrong codes`
  return `${name}, since ${at(enrolledAt)}${lastUsed}${disabled}`
}

const waitText = (seconds: number): string => (seconds === 0 ? 'allowed now' : `in ${seconds} s`)

const timesOf =
  ({ config }: CommandContext): At =>
  (time) =>
    formatAt(time, config.timeZone)
