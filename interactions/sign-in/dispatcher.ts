// The dispatcher of /interaction/:uid: loads progress, gathers the facts, asks the journey what comes next,
// and goes there. The only place that redirects or saves. Every visit, whatever step it asks for, lands where
// the facts say.

import Router from '@koa/router'
import type { Context } from 'koa'
import type { Provider } from 'oidc-provider'
import type { Csrf } from '../../src/http/csrf.js'
import { readForm, type Form } from '../../src/http/form.js'
import { forgetLocaleChoice } from '../../src/http/locale.js'
import { stateOf } from '../../src/http/request-state.js'
import type { ClientsService } from '../../src/oidc/clients.js'
import type { SaveOnlyIf } from '../../src/oidc/conditional-save.js'
import type { LivingSession } from '../../src/oidc/living-session.js'
import { FULL_SIGN_IN } from '../../src/second-factors/authentication-context.js'
import type { CompletedSignIn } from '../../src/sign-ins/complete.js'
import type { LostSignIns } from '../site/lost.js'
import type { WaysOn } from '../site/way-on.js'
import type { PageRenderer } from '../views/render.js'
import { createAssess, type Assessment } from './assessment.js'
import { createBrowserCookie } from './browser-cookie.js'
import { createPersonToConfirm, somebodyElseAt } from './confirming.js'
import { createInteractions, paramsOf, redirect, type Interaction } from './interaction.js'
import { createDrawing, SIGNED_STEPS } from './drawing.js'
import { createLateAnswers } from './late-answer.js'
import { aroundLostInteractions } from './lost-interactions.js'
import { createOneAnswer } from './one-answer.js'
import { pageOf, readProgress, type Progress } from './progress.js'
import { createProlonging } from './prolonging.js'
import { createPrompts, type PromptPage } from './prompts.js'
import { createRememberedCookie } from './remembered-cookie.js'
import type { Accepted, Refused, SignInServices, SignedVisit } from './step.js'
import { passwordStep } from './steps/password.js'
import type { PageSettings } from '../page-settings.js'

type Dependencies = {
  provider: () => Provider
  services: SignInServices
  clients: ClientsService
  /** What the library asks instead of a sign-in, by its name for it. */
  prompts: Record<string, PromptPage>
  livingSession: LivingSession
  saveOnlyIf: SaveOnlyIf
  lost: LostSignIns
  waysOn: WaysOn
  csrf: Csrf
  config: PageSettings
  now: () => number
  pages: PageRenderer
  /** How long a post waits for its password's turn before its person gets a page that does. */
  patienceMs: number
  /** For faults after a request was answered. */
  report: (error: unknown) => void
}

export function createSignIn(dependencies: Dependencies): Router {
  const { provider, services, clients, lost, waysOn, csrf, config, now, pages, patienceMs, report } =
    dependencies
  const { accounts, knownBrowsers } = services
  const interactions = createInteractions(provider, config.isHttps, dependencies.saveOnlyIf)
  const browserCookie = createBrowserCookie({
    knownBrowsers,
    isHttps: config.isHttps,
  })
  const rememberedCookie = createRememberedCookie({ people: services.rememberedPeople, config })
  const prompts = createPrompts({ prompts: dependencies.prompts, accounts, interactions, pages })
  const oneAnswer = createOneAnswer(services.sharedAnswers)
  const lateAnswers = createLateAnswers({
    places: services.waitingPlaces,
    interactions,
    patienceMs,
    report,
    now,
  })
  const { send, sendRefusal, sendWaiting } = createDrawing({
    clients,
    personToConfirm: createPersonToConfirm(dependencies.livingSession),
    pages,
  })
  const assess = createAssess({ services, browserCookie, rememberedCookie, csrf, config, now })
  const lengthSeconds = config.interactionMinutes * 60
  const prolong = createProlonging({ interactions, assess, now, lengthSeconds })

  const router = new Router({ prefix: '/interaction/:uid', sensitive: true })
  router.use(aroundLostInteractions({ interactions, lost, waysOn, isHttps: config.isHttps }))
  router.get('/', (ctx) => show(ctx as Context, undefined))
  router.get('/:step', (ctx) => show(ctx as Context, ctx.params['step']))
  router.post('/:step', (ctx) => submit(ctx as Context, String(ctx.params['step'])))
  return router

  async function show(ctx: Context, asked: string | undefined): Promise<void> {
    const interaction = await interactions.load(ctx)
    if (prompts.isFor(interaction)) return prompts.show(ctx, interaction, asked)
    if (interaction.result?.login !== undefined) return redirect(ctx, interaction.returnTo)
    const assessment = await assess(ctx, interaction, readProgress(interaction.result))
    const late = assessment.step === 'password' ? await lateAnswers.read(interaction) : undefined
    const place = late?.kind === 'waiting' ? 'waiting' : assessment.step
    if (asked !== place) return redirect(ctx, `/interaction/${interaction.uid}/${place}`)
    if (late?.kind === 'refused') return sendRefusal(ctx, interaction, assessment, late.refused)
    return late === undefined ? send(ctx, interaction, assessment) : sendWaiting(ctx, interaction, assessment)
  }

  async function submit(ctx: Context, asked: string): Promise<void> {
    const interaction = await interactions.load(ctx)
    const form = await readForm(ctx)
    const page = csrf.check(form, interaction.uid)
    const isPrompt = prompts.isFor(interaction)
    if (!isPrompt && interaction.result?.login === undefined) {
      if (asked === 'restart') return restart(ctx, interaction, readProgress(interaction.result))
      if (asked === 'forget') return forget(ctx, interaction)
      if (asked === 'prolong') return prolong(ctx, interaction, page)
    }
    const post = { uid: interaction.uid, step: asked, form }
    await oneAnswer(ctx, post, {
      act: () =>
        isPrompt ? prompts.submit(ctx, interaction, form) : act(ctx, interaction, asked, form, page),
      repeat: (refused) => repeat(ctx, asked, refused),
    })
  }

  /** Answers with a way on, or shows a refusal and returns it. */
  async function act(
    ctx: Context,
    interaction: Interaction,
    asked: string,
    form: Form,
    page: string | undefined,
  ): Promise<Refused | undefined> {
    if (interaction.result?.login !== undefined) return redirect(ctx, interaction.returnTo)
    const progress = readProgress(interaction.result)
    const here = await assess(ctx, interaction, progress)
    if (asked === 'password') return submitPassword(ctx, interaction, here, form)
    // A page that was made for another person's sign-in (two tabs, two people) must do nothing in this one.
    const isOwnPage = page === pageOf(progress)
    if (here.step === 'done' && isOwnPage) return end(ctx, interaction, here.visit)
    if (!isOwnPage || here.step === 'password' || here.step === 'done' || asked !== here.step)
      return redirect(ctx, `/interaction/${interaction.uid}/${here.step}`)
    return conclude(ctx, interaction, here, await SIGNED_STEPS[here.step].submit(here.visit, form))
  }

  /** Whose turn does not come soon is shown a page that waits, and the place is kept. */
  async function submitPassword(
    ctx: Context,
    interaction: Interaction,
    here: Assessment,
    form: Form,
  ): Promise<Refused | undefined> {
    const outcome = await lateAnswers.within(interaction, passwordStep.typedIn(form), (signal) =>
      passwordStep.submit(here.visit, form, signal),
    )
    if (outcome === undefined) return redirect(ctx, `/interaction/${interaction.uid}/waiting`)
    return conclude(ctx, interaction, here, outcome)
  }

  /** Also what was verified is given up: the next password here, whoever types it, needs its own. */
  async function restart(
    ctx: Context,
    interaction: Interaction,
    progress: Progress | undefined,
  ): Promise<void> {
    lateAnswers.giveUp(interaction)
    if (progress !== undefined) {
      rememberedCookie.forget(ctx)
      await services.secondFactors.forgetVerification(progress.accountId, progress.signIn)
      await services.activation.releaseClaim(progress.accountId, progress.signIn)
    }
    await interactions.save(ctx, {})
    return redirect(ctx, somebodyElseAt(interaction.uid)) // and not back to the name that was refused
  }

  /** « Ce n’est pas vous? » of whoever finds another greeted. */
  function forget(ctx: Context, { uid }: Interaction): undefined {
    rememberedCookie.forget(ctx)
    return redirect(ctx, `/interaction/${uid}`)
  }

  async function conclude(
    ctx: Context,
    interaction: Interaction,
    here: Assessment,
    outcome: Accepted | Refused,
  ): Promise<Refused | undefined> {
    if (!outcome.ok) return refuse(ctx, interaction, here, outcome)
    const { completed, remembers = false } = outcome
    const progress =
      here.step === 'change-password' ? { ...outcome.progress, since: now() } : outcome.progress
    if (completed !== undefined) return finish(ctx, interaction, progress, completed, remembers)
    const next = await assess(ctx, interaction, progress)
    if (next.step === 'done') return end(ctx, interaction, next.visit)
    await interactions.save(ctx, { signIn: progress })
    return redirect(ctx, `/interaction/${interaction.uid}/${next.step}`)
  }

  /** The same page again, with what was refused; or the password page, when the sign-in starts over. */
  async function refuse(
    ctx: Context,
    interaction: Interaction,
    here: Assessment,
    refused: Refused,
  ): Promise<Refused> {
    if (refused.restarts === true) await interactions.save(ctx, {})
    const where: Assessment =
      refused.restarts === true
        ? await assess(ctx, interaction, undefined)
        : paramsOf(ctx).step === 'password'
          ? { step: 'password', visit: here.visit }
          : here
    await sendRefusal(ctx, interaction, where, refused)
    return refused
  }

  /** What an identical post was refused. It has started the sign-in over, if that was to be. */
  async function repeat(ctx: Context, asked: string, refused: Refused): Promise<void> {
    const interaction = await interactions.load(ctx)
    const here = await assess(ctx, interaction, readProgress(interaction.result))
    const step = asked === 'password' || refused.restarts === true ? 'password' : asked
    if (step === 'password') return sendRefusal(ctx, interaction, { step, visit: here.visit }, refused)
    if (here.step !== step) return redirect(ctx, `/interaction/${interaction.uid}/${here.step}`)
    return sendRefusal(ctx, interaction, here, refused)
  }

  /** Nothing is missing any more, unless somebody has changed the account this very moment. */
  async function end(ctx: Context, interaction: Interaction, visit: SignedVisit): Promise<undefined> {
    const { account, progress, visitor, completion } = visit
    const person = { account, signIn: progress.signIn, visitor }
    const completed = completion && (await services.signIns.end(person, completion))
    if (completed === undefined) return redirect(ctx, `/interaction/${interaction.uid}`)
    return finish(ctx, interaction, progress, completed)
  }

  /** `signIn` stays beside `login`, so that a second identical post ends as well as the first. */
  async function finish(
    ctx: Context,
    interaction: Interaction,
    progress: Progress,
    { browserCookie: cookie, authTime }: CompletedSignIn,
    remembers = false,
  ): Promise<undefined> {
    if (cookie !== undefined) browserCookie.set(ctx, cookie)
    rememberedCookie.conclude(ctx, progress, remembers)
    if (stateOf(ctx).chosenLocale !== undefined) forgetLocaleChoice(ctx)
    const login = { accountId: progress.accountId, ...FULL_SIGN_IN, ts: authTime, remember: false }
    await interactions.save(ctx, { signIn: progress, login })
    return redirect(ctx, interaction.returnTo)
  }
}
