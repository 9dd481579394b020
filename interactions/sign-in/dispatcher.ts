// The dispatcher of /interaction/:uid: loads progress, gathers the facts, asks the journey what comes next,
// and goes there. The only place that redirects or saves. Every visit, whatever step it asks for, lands where
// the facts say.

import Router from '@koa/router'
import type { Context } from 'koa'
import type { InteractionResults, Provider } from 'oidc-provider'
import { errors } from 'oidc-provider'
import type { Config } from '../../src/config/config.js'
import { AppError } from '../../src/errors.js'
import type { Csrf } from '../../src/http/csrf.js'
import { readForm, type Form } from '../../src/http/form.js'
import { acceptedLanguages, forgetLocaleChoice } from '../../src/http/locale.js'
import { stateOf } from '../../src/http/request-state.js'
import { clientAddressOf } from '../../src/http/client-address.js'
import { LOCALES, matchLocale, translator, type Locale } from '../../src/i18n.js'
import type { ClientsService } from '../../src/oidc/clients.js'
import { FULL_SIGN_IN } from '../../src/second-factors/authentication-context.js'
import type { ConsentStep } from '../consent/consent.js'
import { nextStep, type StepName } from './journey.js'
import { countsFor, gatherFacts, readProgress, type Progress } from './progress.js'
import type { Accepted, Page, Refused, SignInServices, SignedVisit, Step, Visit } from './step.js'
import { activationStep } from './steps/activation.js'
import { changePasswordStep } from './steps/change-password.js'
import { donePage } from './steps/done.js'
import { enrolStep } from './steps/enrol.js'
import { oneTimeCodeStep } from './steps/one-time-code.js'
import { passwordStep } from './steps/password.js'
import type { PageRenderer } from '../views/render.js'

type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>

type Dependencies = {
  provider: () => Provider
  services: SignInServices
  clients: ClientsService
  consent: ConsentStep
  csrf: Csrf
  config: Config
  now: () => number
  pages: PageRenderer
}

const SIGNED_STEPS: Record<Exclude<StepName, 'password'>, Step<SignedVisit>> = {
  'one-time-code': oneTimeCodeStep,
  'activation': activationStep,
  'change-password': changePasswordStep,
  'enrol': enrolStep,
}

const KNOWN_BROWSER_MS = 365 * 24 * 3_600_000

/** A visit and where the facts say it belongs. */
type Assessment =
  | { step: 'password'; visit: Visit }
  | { step: Exclude<StepName, 'password'> | 'done'; visit: SignedVisit }

export function createSignIn(dependencies: Dependencies): Router {
  const { provider, services, clients, consent, csrf, config, now, pages } = dependencies
  const isHttps = config.issuerUrl.startsWith('https:')
  const knownBrowserCookie = isHttps ? '__Host-browser' : 'laissez-passer-browser'

  const router = new Router({ prefix: '/interaction/:uid', sensitive: true })
  router.get('/', (ctx) => show(ctx as Context, undefined))
  router.get('/:step', (ctx) => show(ctx as Context, ctx.params['step']))
  router.post('/:step', (ctx) => submit(ctx as Context, String(ctx.params['step'])))
  return router

  async function show(ctx: Context, asked: string | undefined): Promise<void> {
    const interaction = await load(ctx)
    if (interaction.prompt.name === 'consent') return showConsent(ctx, interaction, asked)
    if (interaction.result?.login !== undefined) return redirect(ctx, interaction.returnTo)
    const assessment = await assess(ctx, interaction, readProgress(interaction.result))
    if (asked !== assessment.step) return redirect(ctx, `/interaction/${interaction.uid}/${assessment.step}`)
    pages.send(ctx, await pageOf(assessment), { locale: assessment.visit.locale })
  }

  async function submit(ctx: Context, asked: string): Promise<void> {
    const interaction = await load(ctx)
    const form = await readForm(ctx)
    const page = csrf.check(form, interaction.uid)
    if (interaction.prompt.name === 'consent') return submitConsent(ctx, interaction, form)
    if (interaction.result?.login !== undefined) return redirect(ctx, interaction.returnTo)
    const progress = readProgress(interaction.result)
    const assessment = await assess(ctx, interaction, progress)

    if (asked === 'restart') {
      // Also the codes that were given: the next password here, whoever types it, needs its own.
      if (progress !== undefined) {
        await services.secondFactors.forgetVerification(progress.accountId, progress.signIn)
        await services.activation.releaseClaim(progress.accountId, progress.signIn)
      }
      return save(ctx, {}, `/interaction/${interaction.uid}/password`)
    }
    if (asked === 'password')
      return conclude(ctx, interaction, assessment.visit, await passwordStep.submit(assessment.visit, form))
    // A page that was made for another person's sign-in (two tabs, two people) must do nothing in this one.
    const isOwnPage = page === progress?.signIn
    if (assessment.step === 'done' && isOwnPage) return finish(ctx, interaction, assessment.visit)
    if (
      !isOwnPage ||
      assessment.step === 'password' ||
      assessment.step === 'done' ||
      asked !== assessment.step
    )
      return redirect(ctx, `/interaction/${interaction.uid}/${assessment.step}`)
    return conclude(
      ctx,
      interaction,
      assessment.visit,
      await SIGNED_STEPS[assessment.step].submit(assessment.visit, form),
    )
  }

  async function showConsent(
    ctx: Context,
    interaction: Interaction,
    asked: string | undefined,
  ): Promise<void> {
    if (asked !== 'consent') return redirect(ctx, `/interaction/${interaction.uid}/consent`)
    const account = await services.accounts.findById(interaction.session?.accountId ?? '')
    const locale = chooseLocale(ctx, interaction, account?.locale ?? undefined)
    pages.send(ctx, await consent.page(interaction, locale), { locale })
  }

  /**
   * Merged with what the sign-in before it saved: a client that wants each sign-in in full would else ask for
   * it again.
   */
  async function submitConsent(ctx: Context, interaction: Interaction, form: Form): Promise<void> {
    const result = await consent.decide(ctx, interaction, form)
    if (result === undefined) return redirect(ctx, `/interaction/${interaction.uid}/consent`)
    await provider().interactionResult(ctx.req, ctx.res, result, { mergeWithLastSubmission: true })
    return redirect(ctx, interaction.returnTo)
  }

  /** The interaction that cookie and address agree on (the library follows the cookie alone). */
  async function load(ctx: Context): Promise<Interaction> {
    try {
      const interaction = await provider().interactionDetails(ctx.req, ctx.res)
      if (interaction.uid !== paramsOf(ctx).uid)
        throw new AppError('interaction-not-found', 400, 'cookie and address name different interactions')
      return interaction
    } catch (error) {
      if (error instanceof errors.SessionNotFound)
        throw new AppError('interaction-not-found', 400, 'the interaction is over or unknown', {
          cause: error,
        })
      throw error
    }
  }

  /** `progress`: as stored, as just earned, or undefined for a sign-in that starts over. */
  async function assess(
    ctx: Context,
    interaction: Interaction,
    progress: Progress | undefined,
  ): Promise<Assessment> {
    const account = progress === undefined ? undefined : await services.accounts.findById(progress.accountId)
    const locale = chooseLocale(ctx, interaction, account?.locale ?? undefined)
    const application = await clients.application(String(interaction.params['client_id']), locale)
    const loginHint = interaction.params['login_hint']
    const visit: Visit = {
      uid: interaction.uid,
      application: application?.name ?? '',
      csrfToken: csrf.token(interaction.uid, progress?.signIn),
      locale,
      t: translator(locale),
      visitor: {
        clientAddress: clientAddressOf(ctx),
        browserId: services.knownBrowsers.read(ctx.cookies.get(knownBrowserCookie, { signed: false })),
      },
      isPhone: isPhone(ctx),
      now: now(),
      loginHint: typeof loginHint === 'string' ? loginHint.slice(0, 64) : undefined,
      config,
      services,
    }
    if (account === undefined || !countsFor(progress, account)) return { step: 'password', visit }
    const factor = await services.secondFactors.current(account.id)
    const activationMissing =
      factor === undefined
        ? await services.activation.missing(account, progress.signIn, visit.visitor.clientAddress)
        : undefined
    const step = nextStep(gatherFacts(progress, account, factor, activationMissing !== undefined))
    return step === 'password'
      ? { step, visit }
      : { step, visit: { ...visit, account, progress, factor, activationMissing } }
  }

  async function conclude(
    ctx: Context,
    interaction: Interaction,
    visit: Visit,
    outcome: Accepted | Refused,
  ): Promise<void> {
    if (!outcome.ok) return refuse(ctx, interaction, outcome)
    const next = await assess(ctx, interaction, outcome.progress)
    if (next.step === 'done') return finish(ctx, interaction, next.visit)
    return save(ctx, { signIn: outcome.progress }, `/interaction/${visit.uid}/${next.step}`)
  }

  /** The same page again, with what was refused; or the password page, when the sign-in starts over. */
  async function refuse(ctx: Context, interaction: Interaction, refused: Refused): Promise<void> {
    if (refused.restarts === true)
      await provider().interactionResult(ctx.req, ctx.res, {}, { mergeWithLastSubmission: false })
    const assessment = await assess(
      ctx,
      interaction,
      refused.restarts === true ? undefined : readProgress(interaction.result),
    )
    const page =
      refused.restarts !== true && paramsOf(ctx).step === 'password'
        ? await passwordStep.show(assessment.visit, refused)
        : await pageOf(assessment, refused)
    if (refused.retryAfterSeconds !== undefined) ctx.set('Retry-After', String(refused.retryAfterSeconds))
    pages.send(ctx, page, {
      locale: assessment.visit.locale,
      status: refused.retryAfterSeconds === undefined ? 422 : 429,
      isRefused: true,
    })
  }

  /**
   * Both factors are verified. `signIn` stays beside `login`, so that a second identical post ends as well as
   * the first.
   */
  async function finish(ctx: Context, interaction: Interaction, visit: SignedVisit): Promise<void> {
    const { account, progress, factor } = visit
    if (factor?.verifiedAt === null || factor === undefined)
      throw new Error('a sign-in ended without a second factor')
    const cookie = await services.signIns.complete(
      account,
      visit.visitor,
      String(interaction.params['client_id']),
      localeToRemember(visit, stateOf(ctx).chosenLocale),
    )
    ctx.cookies.set(knownBrowserCookie, cookie, {
      signed: false,
      httpOnly: true,
      sameSite: 'lax',
      secure: isHttps,
      path: '/',
      maxAge: KNOWN_BROWSER_MS,
    })
    const login = {
      accountId: account.id,
      ...FULL_SIGN_IN,
      ts: signedInAt(factor.verifiedAt, account.sessionsEndedAt),
      remember: false,
    }
    if (stateOf(ctx).chosenLocale !== undefined) forgetLocaleChoice(ctx)
    return save(ctx, { signIn: progress, login }, interaction.returnTo)
  }

  async function save(
    ctx: Context,
    result: InteractionResults & { signIn?: Progress },
    destination: string,
  ): Promise<void> {
    await provider().interactionResult(ctx.req, ctx.res, result, { mergeWithLastSubmission: false })
    return redirect(ctx, destination)
  }
}

async function pageOf(assessment: Assessment, refused?: Refused): Promise<Page> {
  if (assessment.step === 'password') return passwordStep.show(assessment.visit, refused)
  if (assessment.step === 'done') return donePage(assessment.visit)
  return SIGNED_STEPS[assessment.step].show(assessment.visit, refused)
}

/**
 * In seconds, as the library counts. Never the second in which an operator ended all sessions: what bears
 * that one is over.
 */
function signedInAt(verifiedAt: number, sessionsEndedAt: number | null): number {
  const second = Math.floor(verifiedAt / 1000)
  const isAfterEnd = sessionsEndedAt !== null && verifiedAt > sessionsEndedAt
  return isAfterEnd ? Math.max(second, Math.floor(sessionsEndedAt / 1000) + 1) : second
}

/** 303: a form with credentials must never be sent again to the next address (RFC 9700 §4.12). */
function redirect(ctx: Context, destination: string): void {
  ctx.status = 303
  ctx.redirect(destination)
}

/**
 * What the person chose by the switch; or the language of this sign-in, when none was remembered and it is
 * not the default one.
 */
function localeToRemember(
  { account, locale, config }: SignedVisit,
  chosen: Locale | undefined,
): Locale | undefined {
  return chosen ?? (account.locale === null && locale !== config.defaultLocale ? locale : undefined)
}

/** The switch, else what the account remembers, else the application's wish, else the browser's. */
function chooseLocale(ctx: Context, interaction: Interaction, remembered: string | undefined): Locale {
  const { chosenLocale, locale } = stateOf(ctx)
  const wish = interaction.params['ui_locales']
  return (
    chosenLocale ??
    LOCALES.find((known) => known === remembered) ??
    matchLocale(typeof wish === 'string' ? wish.split(' ') : []) ??
    matchLocale(acceptedLanguages(ctx.get('Accept-Language'))) ??
    locale
  )
}

function isPhone(ctx: Context): boolean {
  return ctx.get('Sec-CH-UA-Mobile') === '?1' || /iPhone|Android.+Mobile/.test(ctx.get('User-Agent'))
}

/** The router's own, which Koa's types do not know. */
const paramsOf = (ctx: Context): { uid?: string; step?: string } =>
  ctx['params'] as { uid?: string; step?: string }
