// The mail that brings a temporary password: until when it serves, where to go with it, and what the one that
// replaces it must be like.

import type { Repositories } from '../../db/store.js'
import { formatDateTime, type Locale } from '../i18n.js'
import type { Mailbox } from '../mail/mailbox.js'
import type { Account } from './accounts.js'
import type { TemporaryPassword } from './credentials.js'
import type { PasswordRules } from './password-policy.js'

type Dependencies = {
  mailbox: Mailbox
  rules: PasswordRules
  timeZone: string
  /** Where people go. */
  listApplications: (tx: Repositories, locale: Locale) => Promise<{ name: string; url: string }[]>
}

export type PostTemporaryPassword = ReturnType<typeof createTemporaryPasswordMail>

export const createTemporaryPasswordMail =
  ({ mailbox, rules, timeZone, listApplications }: Dependencies) =>
  (
    tx: Repositories,
    kind: 'account-created' | 'password-reset',
    account: Account,
    { temporaryPassword, expiresAt }: TemporaryPassword,
  ): Promise<void> =>
    mailbox.post(tx, kind, account, async (locale) => ({
      temporaryPassword,
      expiresAt: formatDateTime(expiresAt, locale, timeZone),
      applications: await listApplications(tx, locale),
      minLength: rules.minLength,
      maxLength: rules.maxLength,
    }))
