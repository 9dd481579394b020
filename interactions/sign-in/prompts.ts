// What the library asks of an interaction instead of a sign-in: for consent, or to tell somebody that the
// application does not admit them. Each is a page and what its form says.

import type { Context } from 'koa'
import type { InteractionResults } from 'oidc-provider'
import type { AccountsService } from '../../src/accounts/accounts.js'
import type { Form } from '../../src/http/form.js'
import type { Locale } from '../../src/i18n.js'
import type { PageRenderer } from '../views/render.js'
import { redirect, type Interaction, type Interactions } from './interaction.js'
import type { Page } from './step.js'
import { chooseLocale } from './visit-locale.js'

export type PromptPage = {
  /** It says no rather than asking. */
  isRefusal: boolean
  page: (interaction: Interaction, locale: Locale) => Promise<Page>
  /** What to save as the interaction's result; undefined when the form said nothing that it can be. */
  decide: (ctx: Context, interaction: Interaction, form: Form) => Promise<InteractionResults | undefined>
}

type Dependencies = {
  /** By the name of the library's prompt, which is the page's address too. */
  prompts: Record<string, PromptPage>
  accounts: AccountsService
  interactions: Interactions
  pages: PageRenderer
}

export function createPrompts({ prompts, accounts, interactions, pages }: Dependencies) {
  const promptOf = ({ prompt }: Interaction) => new Map(Object.entries(prompts)).get(prompt.name)

  return {
    isFor: (interaction: Interaction): boolean => promptOf(interaction) !== undefined,

    async show(ctx: Context, interaction: Interaction, asked: string | undefined): Promise<void> {
      const { name } = interaction.prompt
      const prompt = promptOf(interaction)
      if (prompt === undefined || asked !== name)
        return redirect(ctx, `/interaction/${interaction.uid}/${name}`)
      const account = await accounts.findById(interaction.session?.accountId ?? '')
      const locale = chooseLocale(ctx, interaction, account)
      const { isRefusal } = prompt
      pages.send(ctx, await prompt.page(interaction, locale), {
        locale,
        isRefused: isRefusal,
        status: isRefusal ? 403 : 200,
      })
    },

    /**
     * Merged with what the sign-in before it saved: a client that wants each sign-in in full would else ask
     * for it again.
     */
    async submit(ctx: Context, interaction: Interaction, form: Form): Promise<undefined> {
      const result = await promptOf(interaction)?.decide(ctx, interaction, form)
      if (result === undefined)
        return redirect(ctx, `/interaction/${interaction.uid}/${interaction.prompt.name}`)
      await interactions.save(ctx, result, { merge: true })
      return redirect(ctx, interaction.returnTo)
    },
  }
}
