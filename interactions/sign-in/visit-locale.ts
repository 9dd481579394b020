// The language of a sign-in: which one to speak, and which one to remember for the next time.

import type { Context } from 'koa'
import type { Account } from '../../src/accounts/accounts.js'
import { stateOf } from '../../src/http/request-state.js'
import { LOCALES, matchLocale, type Locale } from '../../src/i18n.js'
import type { Interaction } from './interaction.js'

/** The switch, else what the account remembers, else the application's wish, else the browser's. */
export function chooseLocale(ctx: Context, interaction: Interaction, account: Account | undefined): Locale {
  const { chosenLocale, locale } = stateOf(ctx)
  const wish = interaction.params['ui_locales']
  return (
    chosenLocale ??
    LOCALES.find((known) => known === account?.locale) ??
    matchLocale(typeof wish === 'string' ? wish.split(' ') : []) ??
    matchLocale(ctx.acceptsLanguages()) ??
    locale
  )
}

/**
 * What the person chose by the switch; or the language of this sign-in, when none was remembered and it is
 * not the default one.
 */
export function localeToRemember(
  ctx: Context,
  account: Account,
  locale: Locale,
  defaultLocale: Locale,
): Locale | undefined {
  const { chosenLocale } = stateOf(ctx)
  return chosenLocale ?? (account.locale === null && locale !== defaultLocale ? locale : undefined)
}
