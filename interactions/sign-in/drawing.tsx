// Draws the page of a step, with where the person stands, what was refused and how long the sign-in may last,
// and sends it.

import type { Context } from 'koa'
import type { VNode } from 'preact'
import type { ClientsService } from '../../src/oidc/clients.js'
import type { PageRenderer } from '../views/render.js'
import type { Assessment, SignedStepName } from './assessment.js'
import { confirmIdentityPage } from './confirm-identity.js'
import type { PersonToConfirm } from './confirming.js'
import type { Interaction } from './interaction.js'
import { isProlongable } from './prolonging.js'
import { stationsOf, type Station } from './stations.js'
import type { OnPage, Page, Refused, SignedVisit, Step, Visit } from './step.js'
import { activationStep } from './steps/activation.js'
import { changePasswordStep } from './steps/change-password.js'
import { donePage } from './steps/done.js'
import { enrolStep } from './steps/enrol.js'
import { oneTimeCodeStep } from './steps/one-time-code.js'
import { passwordStep } from './steps/password.js'
import { waitingPage } from './steps/waiting.js'
import { Stations } from '../views/stations.js'
import { TimeLeft, TimeLeftUnsaid } from '../views/time-left.js'

export const SIGNED_STEPS: Record<SignedStepName, Step<SignedVisit>> = {
  'one-time-code': oneTimeCodeStep,
  'activation': activationStep,
  'change-password': changePasswordStep,
  'enrol': enrolStep,
}

function stationsAt(step: SignedStepName | 'done', visit: SignedVisit): Station[] {
  if (step === 'done') return []
  const { account, factors, progress, services, visitor } = visit
  return stationsOf({
    step,
    isEnrolled: factors.length > 0,
    needsActivation: services.activation.isNeeded(account, visitor.clientAddress),
    choosesPassword:
      account.temporaryPasswordExpiresAt !== null || account.epochChangedBy === progress.signIn,
  })
}

type Dependencies = { clients: ClientsService; personToConfirm: PersonToConfirm; pages: PageRenderer }

export function createDrawing({ clients, personToConfirm, pages }: Dependencies) {
  async function onPage<V extends Visit>(interaction: Interaction, visit: V): Promise<OnPage<V>> {
    const application = await clients.application(String(interaction.params['client_id']), visit.locale)
    return { ...visit, application: application?.name ?? '' }
  }

  const withTime = (page: Page, time: VNode, stations?: VNode): Page => ({
    ...page,
    body: (
      <>
        {stations}
        {page.body}
        {time}
      </>
    ),
  })

  async function drawPassword(ctx: Context, interaction: Interaction, visit: Visit, refused?: Refused) {
    const shown = await onPage(interaction, visit)
    const account = await personToConfirm(ctx, interaction, refused)
    return account === undefined
      ? passwordStep.show(shown, refused)
      : confirmIdentityPage(shown, account, refused)
  }

  async function draw(
    ctx: Context,
    interaction: Interaction,
    { step, visit }: Assessment,
    refused?: Refused,
  ): Promise<Page> {
    if (step === 'password')
      return withTime(
        await drawPassword(ctx, interaction, visit, refused),
        <TimeLeftUnsaid seconds={visit.config.interactionMinutes * 60} />,
      )
    const shown = await onPage(interaction, visit)
    const page = step === 'done' ? donePage(shown) : await SIGNED_STEPS[step].show(shown, refused)
    const { uid, csrfToken, progress, now, locale, t, config } = visit
    return withTime(
      page,
      <TimeLeft
        {...{ uid, csrfToken, now, locale, t, timeZone: config.timeZone }}
        endsAt={interaction.exp * 1000}
        isProlongable={isProlongable(interaction, progress, config.interactionMinutes * 60)}
      />,
      <Stations stations={stationsAt(step, visit)} application={shown.application} t={t} />,
    )
  }

  async function send(ctx: Context, interaction: Interaction, where: Assessment): Promise<void> {
    pages.send(ctx, await draw(ctx, interaction, where), { locale: where.visit.locale })
  }

  /** For whoever stands in line. */
  async function sendWaiting(ctx: Context, interaction: Interaction, { visit }: Assessment): Promise<void> {
    pages.send(ctx, waitingPage(await onPage(interaction, visit)), { locale: visit.locale })
  }

  async function sendRefusal(
    ctx: Context,
    interaction: Interaction,
    where: Assessment,
    refused: Refused,
  ): Promise<void> {
    if (refused.retryAfterSeconds !== undefined) ctx.set('Retry-After', String(refused.retryAfterSeconds))
    pages.send(ctx, await draw(ctx, interaction, where, refused), {
      locale: where.visit.locale,
      status: refused.isOverload === true ? 503 : refused.retryAfterSeconds === undefined ? 422 : 429,
      isRefused: true,
    })
  }

  return { send, sendWaiting, sendRefusal }
}
