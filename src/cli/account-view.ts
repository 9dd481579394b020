// What an operator sees of an account. Never a hash, a sealed secret, or anything one could sign in with.

import type { Account } from '../accounts/accounts.js'
import type { Config } from '../config/config.js'
import type { SecondFactor } from '../second-factors/factors.js'
import { formatAt, isoAt, list, table, type Answer } from './output.js'
import type { CommandContext } from './command-context.js'

type PasswordState = 'chosen' | 'temporary' | 'expired' | 'none'

export async function listAccounts({ accounts, config }: CommandContext, now: number): Promise<Answer> {
  const all = await accounts.list()
  const rows = all.map((account) => [
    account.cip,
    account.name,
    account.email,
    status(account),
    passwordState(account, now),
    account.lastSignInAt === null ? 'never' : formatAt(account.lastSignInAt, config.timeZone),
  ])
  return {
    ok: true,
    json: all.map((account) => summary(account, now)),
    text:
      all.length === 0
        ? 'There is no account yet.'
        : table(['CIP', 'Name', 'Email', 'Status', 'Password', 'Last sign-in'], rows),
  }
}

export async function showAccount(
  { oneTimeCodes, secondFactors, passwords, config }: CommandContext,
  account: Account,
  now: number,
): Promise<Answer> {
  const at = (time: number) => formatAt(time, config.timeZone)
  const [device] = await secondFactors.list(account.id)
  // For a browser that never signed in to this account; the ones that did wait apart.
  const waits = {
    passwordSeconds: await passwords.secondsToWait(account.cip),
    codeSeconds: await oneTimeCodes.waitForCode(account, undefined),
  }
  const text = list([
    ['CIP', account.cip],
    ['Name', account.name],
    ['Email', account.email],
    ['Telephone', account.phoneNumber ?? '—'],
    ['Language', account.locale ?? `${config.defaultLocale} (not chosen)`],
    ['Subject', account.id],
    ['Created', at(account.createdAt)],
    ['Status', account.disabledAt === null ? 'active' : `disabled since ${at(account.disabledAt)}`],
    ['Password', passwordText(account, now, at)],
    ['Second factor', device === undefined ? noDeviceText(account, config) : deviceText(device, at)],
    ['Last sign-in', account.lastSignInAt === null ? 'never' : at(account.lastSignInAt)],
    ['Next password', waitText(waits.passwordSeconds)],
    ['Next code', waitText(waits.codeSeconds)],
  ])
  const json = {
    ...summary(account, now),
    phoneNumber: account.phoneNumber,
    sub: account.id,
    createdAt: isoAt(account.createdAt),
    disabledAt: isoAt(account.disabledAt),
    secondFactor: device === undefined ? null : deviceJson(device),
    activationRequiredAt: isoAt(account.activationRequiredAt),
    waits,
  }
  return { ok: true, json, text }
}

function summary(account: Account, now: number) {
  return {
    cip: account.cip,
    name: account.name,
    email: account.email,
    locale: account.locale,
    status: status(account),
    password: {
      state: passwordState(account, now),
      setAt: isoAt(account.passwordSetAt),
      expiresAt: isoAt(account.temporaryPasswordExpiresAt),
    },
    lastSignInAt: isoAt(account.lastSignInAt),
  }
}

const status = (account: Account): 'active' | 'disabled' =>
  account.disabledAt === null ? 'active' : 'disabled'

function passwordState(
  { passwordHash, temporaryPasswordExpiresAt: expiresAt }: Account,
  now: number,
): PasswordState {
  if (passwordHash === null) return 'none'
  if (expiresAt === null) return 'chosen'
  return expiresAt <= now ? 'expired' : 'temporary'
}

function passwordText(account: Account, now: number, at: (time: number) => string): string {
  const texts: Record<PasswordState, string> = {
    none: 'none: reset-password issues one',
    chosen: `chosen by the person${account.passwordSetAt === null ? '' : `, ${at(account.passwordSetAt)}`}`,
    temporary: `temporary until ${at(account.temporaryPasswordExpiresAt ?? 0)}`,
    expired: `temporary, expired ${at(account.temporaryPasswordExpiresAt ?? 0)}`,
  }
  return texts[passwordState(account, now)]
}

function noDeviceText({ activationRequiredAt }: Account, { enrolment }: Config): string {
  const needsCode = activationRequiredAt !== null || enrolment === 'activation-code'
  return needsCode
    ? 'none: the next sign-in enrols one with an activation code'
    : 'none: the next sign-in enrols one'
}

function deviceText(device: SecondFactor, at: (time: number) => string): string {
  const lastUsed = device.verifiedAt === null ? '' : `, last used ${at(device.verifiedAt)}`
  const disabled =
    device.disabledAt === null ? '' : `, disabled ${at(device.disabledAt)} after too many wrong codes`
  return `${device.name}, since ${at(device.createdAt)}${lastUsed}${disabled}`
}

const deviceJson = ({ name, createdAt, verifiedAt, disabledAt }: SecondFactor) => ({
  name,
  enrolledAt: isoAt(createdAt),
  lastUsedAt: isoAt(verifiedAt),
  disabledAt: isoAt(disabledAt),
})

const waitText = (seconds: number): string => (seconds === 0 ? 'allowed now' : `in ${seconds} s`)
