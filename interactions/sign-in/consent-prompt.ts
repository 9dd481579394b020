// The question of consent, when the library asks it of an interaction instead of a sign-in.

import type { Context } from 'koa'
import type { AccountsService } from '../../src/accounts/accounts.js'
import type { Form } from '../../src/http/form.js'
import type { ConsentStep } from '../consent/consent.js'
import type { PageRenderer } from '../views/render.js'
import { redirect, type Interaction, type Interactions } from './interaction.js'
import { chooseLocale } from './visit-locale.js'

type Dependencies = {
  consent: ConsentStep
  accounts: AccountsService
  interactions: Interactions
  pages: PageRenderer
}

export function createConsentPrompt({ consent, accounts, interactions, pages }: Dependencies) {
  return {
    async show(ctx: Context, interaction: Interaction, asked: string | undefined): Promise<void> {
      if (asked !== 'consent') return redirect(ctx, `/interaction/${interaction.uid}/consent`)
      const account = await accounts.findById(interaction.session?.accountId ?? '')
      const locale = chooseLocale(ctx, interaction, account)
      pages.send(ctx, await consent.page(interaction, locale), { locale })
    },

    /**
     * Merged with what the sign-in before it saved: a client that wants each sign-in in full would else ask
     * for it again.
     */
    async submit(ctx: Context, interaction: Interaction, form: Form): Promise<undefined> {
      const result = await consent.decide(ctx, interaction, form)
      if (result === undefined) return redirect(ctx, `/interaction/${interaction.uid}/consent`)
      await interactions.save(ctx, result, { merge: true })
      return redirect(ctx, interaction.returnTo)
    },
  }
}
