// Whom an application does not admit is told so, and goes back to it with an answer that it understands, or
// signs out for somebody else. Who was refused is recorded where it is decided (src/oidc/admission.ts).

import type { AccountsService } from '../../src/accounts/accounts.js'
import { AppError } from '../../src/errors.js'
import type { Csrf } from '../../src/http/csrf.js'
import { translator } from '../../src/i18n.js'
import type { ClientsService } from '../../src/oidc/clients.js'
import type { PromptPage } from '../sign-in/prompts.js'
import { ForApplication } from '../views/application.js'
import { PostForm, Primary } from '../views/form.js'

type Dependencies = { accounts: AccountsService; clients: ClientsService; csrf: Csrf }

export function createAccessPage({ accounts, clients, csrf }: Dependencies): PromptPage {
  return {
    isRefusal: true,

    async page(interaction, locale) {
      const t = translator(locale)
      const account = await accounts.findById(interaction.session?.accountId ?? '')
      if (account === undefined) throw new AppError('interaction-not-found', 400, 'nobody is signed in')
      const client = await clients.application(String(interaction.params['client_id']), locale)
      const application = client?.name ?? ''
      return {
        title: t('access.title'),
        body: (
          <>
            <ForApplication name={application} t={t} />
            <h1>{t('access.title')}</h1>
            <p>{t('access.text', { application, name: account.name })}</p>
            <PostForm
              action={`/interaction/${interaction.uid}/access`}
              csrfToken={csrf.token(interaction.uid)}
            >
              <Primary>{t('access.back', { application })}</Primary>
            </PostForm>
            <p class="below">
              <a href="/session/end">{t('sign-out.submit')}</a>
            </p>
            <p class="below">
              <a href="/help">{t('help.link')}</a>
            </p>
          </>
        ),
      }
    },

    decide: async () => ({
      error: 'access_denied',
      error_description: 'the application admits other groups alone',
    }),
  }
}
