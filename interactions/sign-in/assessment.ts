// Where a visit belongs: gathers the facts from the database and asks the journey. It reads, and changes
// nothing.

import type { Context } from 'koa'
import type { PageSettings } from '../page-settings.js'
import type { Csrf } from '../../src/http/csrf.js'
import { translator } from '../../src/i18n.js'
import type { BrowserCookie } from './browser-cookie.js'
import type { Interaction } from './interaction.js'
import { nextStep, type StepName } from './journey.js'
import { readMachine } from './phone.js'
import { countsFor, gatherFacts, pageOf, type Progress } from './progress.js'
import type { SignInServices, SignedVisit, Visit } from './step.js'
import type { RememberedCookie } from './remembered-cookie.js'
import { chooseLocale, localeToRemember } from './visit-locale.js'

export type SignedStepName = Exclude<StepName, 'password'>

/** A visit and where the facts say it belongs. */
export type Assessment =
  | { step: 'password'; visit: Visit }
  | { step: SignedStepName | 'done'; visit: SignedVisit }

type Dependencies = {
  services: SignInServices
  browserCookie: BrowserCookie
  rememberedCookie: RememberedCookie
  csrf: Csrf
  config: PageSettings
  now: () => number
}

/** `progress`: as stored, as just earned, or undefined for a sign-in that starts over. */
export type Assess = (
  ctx: Context,
  interaction: Interaction,
  progress: Progress | undefined,
) => Promise<Assessment>

export function createAssess(dependencies: Dependencies): Assess {
  const { services, browserCookie, rememberedCookie, csrf, config, now } = dependencies
  return async (ctx, interaction, progress) => {
    const record = progress && (await services.accounts.findTrusted(progress.accountId))
    const account = record?.account
    const locale = chooseLocale(ctx, interaction, account)
    const visitor = browserCookie.visitorOf(ctx)
    const loginHint = interaction.params['login_hint']
    const visit: Visit = {
      uid: interaction.uid,
      csrfToken: csrf.token(interaction.uid, pageOf(progress)),
      locale,
      t: translator(locale),
      visitor,
      ...readMachine(ctx.get('User-Agent'), ctx.get('Sec-CH-UA-Mobile')),
      now: now(),
      loginHint: typeof loginHint === 'string' ? loginHint.slice(0, 64) : undefined,
      remembered: () => rememberedCookie.read(ctx, visitor),
      config,
      services,
    }
    if (record === undefined || account === undefined || !countsFor(progress, account))
      return { step: 'password', visit }

    const { factors } = record
    const activationMissing =
      factors.length === 0
        ? await services.activation.missing(account, progress.signIn, visit.visitor.clientAddress)
        : undefined
    const facts = gatherFacts(progress, account, factors, activationMissing !== undefined)
    const step = nextStep(facts)
    if (step === 'password') return { step, visit }
    const endsWithFactor = nextStep({ ...facts, enrolled: true, secondFactorVerified: true }) === 'done'
    const completion = endsWithFactor
      ? {
          clientId: String(interaction.params['client_id']),
          locale: localeToRemember(ctx, account, locale, config.defaultLocale),
          isSharedComputer: progress.isSharedComputer,
        }
      : undefined
    return { step, visit: { ...visit, account, progress, factors, activationMissing, completion } }
  }
}
