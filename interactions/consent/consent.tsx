// The question a third-party application has to pass: who asks, and for what, in words. Remembered; asked
// again for more.

import type { Context } from 'koa'
import type { InteractionResults, Provider } from 'oidc-provider'
import type { Account, AccountsService } from '../../src/accounts/accounts.js'
import { personActor } from '../../src/audit/actor.js'
import { AppError } from '../../src/errors.js'
import type { Csrf } from '../../src/http/csrf.js'
import type { Form } from '../../src/http/form.js'
import { clientAddressOf } from '../../src/http/client-address.js'
import { translator, type Locale, type MessageKey, type Translate } from '../../src/i18n.js'
import type { ClientsService } from '../../src/oidc/clients.js'
import type { ConsentsService, Granted } from '../../src/oidc/consents.js'
import type { ResourceServersService } from '../../src/oidc/resource-servers.js'
import type { Page } from '../sign-in/step.js'
import { ForApplication } from '../views/application.js'
import { PostForm, Primary } from '../views/form.js'

type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>

type Dependencies = {
  accounts: AccountsService
  clients: ClientsService
  consents: ConsentsService
  resourceServers: ResourceServersService
  csrf: Csrf
}

const SCOPE_WORDS: Record<string, MessageKey> = {
  openid: 'consent.scope-openid',
  profile: 'consent.scope-profile',
  email: 'consent.scope-email',
  phone: 'consent.scope-phone',
  address: 'consent.scope-address',
  cip: 'consent.scope-cip',
  groups: 'consent.scope-groups',
  offline_access: 'consent.scope-offline',
}

/** A claim asked for by name is said in the words of the scope it belongs to. */
const SCOPE_OF_CLAIM: Record<string, string> = {
  name: 'profile',
  given_name: 'profile',
  family_name: 'profile',
  locale: 'profile',
  zoneinfo: 'profile',
  updated_at: 'profile',
  preferred_username: 'cip',
  cip: 'cip',
  email: 'email',
  email_verified: 'email',
  phone_number: 'phone',
  phone_number_verified: 'phone',
  address: 'address',
  groups: 'groups',
  roles: 'groups',
}

export function createConsentStep({ accounts, clients, consents, resourceServers, csrf }: Dependencies) {
  async function accountOf(interaction: Interaction): Promise<Account> {
    const account =
      interaction.session?.accountId === undefined
        ? undefined
        : await accounts.findById(interaction.session.accountId)
    if (account === undefined || account.disabledAt !== null)
      throw new AppError('interaction-not-found', 400, 'nobody is signed in')
    return account
  }

  return {
    isRefusal: false,

    async page(interaction: Interaction, locale: Locale): Promise<Page> {
      const t = translator(locale)
      const account = await accountOf(interaction)
      const application = await clients.application(String(interaction.params['client_id']), locale)
      const name = application?.name ?? ''
      const asked = askedFor(interaction)
      const apis = await Promise.all(
        Object.entries(asked.apis).map(async ([indicator, scopes]) =>
          t('consent.api', { api: await resourceServers.name(indicator), scopes: scopes.join(', ') }),
        ),
      )
      const wishes = new Set([
        ...asked.scopes.map((scope) => scopeInWords(scope, t)),
        ...asked.claims.map((claim) => claimInWords(claim, t)),
        ...apis,
      ])
      return {
        title: t('consent.title'),
        body: (
          <>
            <ForApplication name={name} t={t} />
            <h1>{t('consent.title')}</h1>
            <p>{t('consent.who', { application: name, name: account.name })}</p>
            <ul class="rules">
              {[...wishes].map((wish) => (
                <li key={wish}>{wish}</li>
              ))}
            </ul>
            <PostForm
              action={`/interaction/${interaction.uid}/consent`}
              csrfToken={csrf.token(interaction.uid)}
            >
              <Primary name="decision" value="allow">
                {t('consent.allow')}
              </Primary>
              <p class="below">
                <button class="link" type="submit" name="decision" value="refuse">
                  {t('consent.refuse')}
                </button>
              </p>
            </PostForm>
          </>
        ),
      }
    },

    /** What to save as the interaction's result; undefined when the form said neither yes nor no. */
    async decide(
      ctx: Context,
      interaction: Interaction,
      form: Form,
    ): Promise<InteractionResults | undefined> {
      const account = await accountOf(interaction)
      const clientId = String(interaction.params['client_id'])
      const actor = personActor(account, clientAddressOf(ctx))
      if (form['decision'] === 'refuse') {
        await consents.recordRefusal(account, clientId, actor)
        return { error: 'access_denied', error_description: 'the person refused' }
      }
      if (form['decision'] !== 'allow') return undefined
      await consents.give(account, clientId, askedFor(interaction), actor)
      return { consent: {} }
    },
  }
}

/** What is missing, or, when the application wants the question asked again, all it asked for. */
function askedFor({ prompt, params }: Interaction): Granted {
  const details = prompt.details as {
    missingOIDCScope?: string[]
    missingOIDCClaims?: string[]
    missingResourceScopes?: Record<string, string[]>
  }
  const isAgain = Object.keys(details).length === 0
  const scopes = isAgain
    ? text(params['scope'])
        .split(' ')
        .filter((scope) => scope in SCOPE_WORDS)
    : (details.missingOIDCScope ?? [])
  return { scopes, claims: details.missingOIDCClaims ?? [], apis: details.missingResourceScopes ?? {} }
}

function scopeInWords(scope: string, t: Translate): string {
  const key = SCOPE_WORDS[scope]
  return key === undefined ? scope : t(key)
}

function claimInWords(claim: string, t: Translate): string {
  const scope = SCOPE_OF_CLAIM[claim]
  return scope === undefined ? t('consent.claim', { claim }) : scopeInWords(scope, t)
}

const text = (parameter: unknown): string => (typeof parameter === 'string' ? parameter : '')
