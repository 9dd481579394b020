// `account sign-out`: ends every session, and says which applications have confirmed that they ended theirs.
// The running provider tells them; the command looks on for a few seconds.

import { setTimeout as pause } from 'node:timers/promises'
import type { Account } from '../accounts/accounts.js'
import type { CommandContext } from './command-context.js'
import type { Answer } from './output.js'

/** Longer than the provider takes to look for notices, and an application to answer. */
const LOOK_ON_MS = 8_000
const LOOK_EVERY_MS = 100

export async function signOut(
  { accountActions, store, actor, now }: CommandContext,
  account: Account,
  { reason }: { reason: string },
): Promise<Answer> {
  const { sessions, told } = await accountActions.signOutEverywhere(account, actor, reason)
  const until = now() + LOOK_ON_MS
  let waiting = told
  while (waiting.length > 0 && now() < until) {
    await pause(LOOK_EVERY_MS)
    waiting = await store.logoutNotices.listClients(account.id)
  }
  const applications = told.map((clientId) => ({
    client_id: clientId,
    confirmed: !waiting.includes(clientId),
  }))
  const lines = applications.map(({ client_id: id, confirmed }) =>
    confirmed ? `${id} has confirmed.` : `${id} has not confirmed yet: it is told again for a day.`,
  )
  return {
    ok: true,
    json: { cip: account.cip, sessions, applications },
    text: [`${account.cip} is signed out everywhere (sessions ended: ${sessions}).`, ...lines].join('\n'),
  }
}
