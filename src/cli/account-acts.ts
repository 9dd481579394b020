// The acts on a person's account as commands: `account disable`, `reset-password` … What they do is in
// account-actions/; here it is put in words. Who is affected and why goes to the audit log.

import type { Command } from 'commander'
import type { Account, IssuedPassword } from '../accounts/accounts.js'
import { DEFAULT_ACTIVATION_MINUTES, MAX_ACTIVATION_MINUTES } from '../second-factors/activation.js'
import { SEAL_FAULTS } from './account-view.js'
import { signOut } from './account-sign-out.js'
import { withAccount, type CommandContext, type Terminal } from './command-context.js'
import { reasonOption } from './operator.js'
import { wholeNumber } from './options.js'
import { formatAt, isoAt, list, type Answer, type Answering } from './output.js'

type ActOptions = { reason: string; printPassword?: true; minutes?: number; yes?: true }
type Act = (context: CommandContext, account: Account, options: ActOptions) => Promise<Answer>

export const PRINT_PASSWORD = [
  '--print-password',
  'print the temporary password instead of mailing it',
] as const

export function addActCommands(account: Command, answering: Answering, terminal: Terminal): void {
  const addAct = (name: string, description: string, act: Act): Command =>
    account
      .command(name)
      .description(description)
      .argument('<cip>')
      .addOption(reasonOption().makeOptionMandatory())
      .action((cip: string, options: ActOptions) =>
        answering(() => withAccount(terminal, cip, (context, found) => act(context, found, options))),
      )
  const withMinutes = (act: Command) =>
    act.option(
      '--minutes <number>',
      `how long the code can be used, at most ${MAX_ACTIVATION_MINUTES}`,
      wholeNumber(1, MAX_ACTIVATION_MINUTES),
      DEFAULT_ACTIVATION_MINUTES,
    )

  addAct(
    'erase',
    'remove the account and all that is held about the person, but for the audit log; there is no way back',
    erase,
  ).option('--yes', 'needed at a keyboard, not in a script')
  addAct('disable', 'refuse every sign-in from now on, end every session', disable)
  addAct('enable', 'undo «disable»', enable)
  addAct('sign-out', 'end every session; the next access is a full sign-in', signOut)
  addAct('unlock', 'lift the waits after wrong passwords and codes', unlock)
  addAct(
    'reseal',
    'vouch for an account that was changed past this program (restored, repaired), end every session',
    reseal,
  )
  addAct(
    'reset-password',
    'replace the password by a temporary one, end every session',
    resetPassword,
  ).option(...PRINT_PASSWORD)
  withMinutes(
    addAct(
      'reset-second-factor',
      'remove every device, end every session, print the activation code that the next device needs',
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
}

const erase: Act = async ({ accountErasure, actor, isInteractive }, account, { reason, yes }) => {
  if (isInteractive && !yes)
    return { ok: false, fault: `nothing of "${account.cip}" could be brought back: add --yes to erase it` }
  return (await accountErasure.erase(account, actor, reason))
    ? {
        ok: true,
        json: { cip: account.cip, erased: true },
        text: `${account.cip} is erased. What the audit log says of it stays until its time is over.`,
      }
    : { ok: false, fault: `${account.cip} has been erased meanwhile` }
}

const disable: Act = async ({ accountActions, actor }, account, { reason }) =>
  (await accountActions.disable(account, actor, reason))
    ? {
        ok: true,
        json: { cip: account.cip, status: 'disabled' },
        text: `${account.cip} is disabled; every session is ended.`,
      }
    : { ok: false, fault: `${account.cip} is disabled already` }

const enable: Act = async ({ accountActions, actor }, account, { reason }) =>
  (await accountActions.enable(account, actor, reason))
    ? {
        ok: true,
        json: { cip: account.cip, status: 'active' },
        text: `${account.cip} may sign in again.`,
      }
    : { ok: false, fault: `${account.cip} is not disabled` }

const unlock: Act = async ({ accountActions, actor }, account, { reason }) => {
  const { disabledDevices, mendedDevices } = await accountActions.unlock(account, actor, reason)
  const stays = disabledDevices.length === 1 ? 'Its device stays' : 'Its devices stay'
  const remarks = [
    `No wait stands against ${account.cip} any more.`,
    ...(mendedDevices.length === 0
      ? []
      : [
          `This server’s clock was ahead when a code was last used (${mendedDevices.join(', ')}): codes ` +
            'serve again in a minute. Check the clock.',
        ]),
    ...(disabledDevices.length === 0
      ? []
      : [`${stays} disabled after too many wrong codes: that takes reset-second-factor.`]),
  ]
  return {
    ok: true,
    json: { cip: account.cip, secondFactorDisabled: disabledDevices.length > 0, mendedDevices },
    text: remarks.join('\n'),
  }
}

const reseal: Act = async ({ accountActions, actor }, account, { reason }) => {
  const sealFault = await accountActions.reseal(account, actor, reason)
  return sealFault === undefined
    ? { ok: false, fault: `the seal of ${account.cip} fits: there is nothing to vouch for` }
    : {
        ok: true,
        json: { cip: account.cip, sealFault },
        text: `${account.cip} is sealed as it stands (before: ${SEAL_FAULTS[sealFault]}); every session is ended.`,
      }
}

const resetPassword: Act = async (context, account, { reason, printPassword }) => {
  const delivery = printPassword ? 'print' : 'mail'
  const issued = await context.accountActions.resetPassword(account, context.actor, reason, { delivery })
  return issuedPassword(
    context,
    issued,
    `The password of ${account.cip} is reset; every session is ended.`,
    printPassword,
  )
}

/** The only place that shows a temporary password, once. */
export function issuedPassword(
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

const resetSecondFactor: Act = async ({ accountActions, actor, config }, account, { reason, minutes }) => {
  const { removed, needsNewPassword, code, expiresAt } = await accountActions.resetSecondFactor(
    account,
    actor,
    reason,
    { minutes },
  )
  const what =
    removed === 0
      ? `${account.cip} had no device`
      : removed === 1
        ? `The device of ${account.cip} is removed`
        : `The ${removed} devices of ${account.cip} are removed`
  const codeText = activationCodeText(code, formatAt(expiresAt, config.timeZone))
  return {
    ok: true,
    json: { cip: account.cip, removed, needsNewPassword, activationCode: code, expiresAt: isoAt(expiresAt) },
    text: `${what}; every session is ended.\n${codeText}${needsNewPassword ? GUESSED_OUT : ''}`,
  }
}

const GUESSED_OUT =
  '\nSomebody who has the password guessed at its codes all year: the next wrong code suspends the new ' +
  'device too. Run reset-password as well.'

const issueActivationCode: Act = async ({ accountActions, actor, config }, account, { reason, minutes }) => {
  const { code, expiresAt } = await accountActions.issueActivationCode(account, actor, reason, { minutes })
  return {
    ok: true,
    json: { cip: account.cip, activationCode: code, expiresAt: isoAt(expiresAt) },
    text: activationCodeText(code, formatAt(expiresAt, config.timeZone)),
  }
}

const activationCodeText = (code: string, until: string): string =>
  list([
    ['Activation code', code],
    ['Valid until', until],
  ])
