// The contract between the dispatcher and a step. A step shows its page and reads its form; it never
// redirects and knows no other step.

import type { VNode } from 'preact'
import type { PasswordChangeService } from '../../src/account-actions/change-password.js'
import type { Account, AccountsService } from '../../src/accounts/accounts.js'
import type { CompletedSignIn, Completion, SignInsService } from '../../src/sign-ins/complete.js'
import type { KnownBrowsersService, Visitor } from '../../src/sign-ins/known-browsers.js'
import type { RememberedPeopleService } from '../../src/sign-ins/remembered-people.js'
import type { NameSignIn } from '../../src/sign-ins/sign-in-name.js'
import type { PasswordVerification } from '../../src/sign-ins/verify-password.js'
import type { WaitingPlacesService } from '../../src/sign-ins/waiting-places.js'
import type { Form } from '../../src/http/form.js'
import type { Locale, MessageKey, MessageValues, Translate } from '../../src/i18n.js'
import type { ActivationService } from '../../src/second-factors/activation.js'
import type { ActivationReason } from '../../src/second-factors/enrolment-policy.js'
import type { SecondFactor, SecondFactorsService } from '../../src/second-factors/factors.js'
import type { PageSettings } from '../page-settings.js'
import type { SharedAnswersService } from '../../src/sign-ins/shared-answers.js'
import type { Machine } from './phone.js'
import type { Progress } from './progress.js'

/** One message of a refusal: a title, what to do, and the field it belongs to. */
export type Fault = {
  field?: string
  title: MessageKey
  detail?: MessageKey
  values?: MessageValues
  /** What `values` say as `wait`: the page counts it down. */
  waitSeconds?: number
  link?: { href: string; text: MessageKey }
}

export type Refused = {
  ok: false
  faults: Fault[]
  /** 422, or 429 with a wait. */
  retryAfterSeconds?: number
  /** 503: too many are there at once, and nobody has looked at what was typed. */
  isOverload?: true
  /** What was typed and may be shown again: never a password or a code. */
  typed?: Record<string, string>
  /** The sign-in starts again at the password. */
  restarts?: true
}

/**
 * `completed`: the step was the last one, and the sign-in has ended with it. `remembers`: the person asked to
 * be greeted here by name.
 */
export type Accepted = {
  ok: true
  progress: Progress
  completed?: CompletedSignIn | undefined
  remembers?: boolean
}

/**
 * `script`: an asset for this page alone. `refreshSeconds`: the browser asks for the page again by itself.
 * `continueTo`: it goes on there.
 */
export type Page = {
  title: string
  script?: string
  body: VNode
  isWide?: boolean
  refreshSeconds?: number
  continueTo?: string
}

export type SignInServices = {
  accounts: AccountsService
  activation: ActivationService
  secondFactors: SecondFactorsService
  knownBrowsers: KnownBrowsersService
  rememberedPeople: RememberedPeopleService
  passwordChange: PasswordChangeService
  passwords: PasswordVerification
  nameSignIn: NameSignIn
  signIns: SignInsService
  sharedAnswers: SharedAnswersService
  waitingPlaces: WaitingPlacesService
}

/** Everything a step may know of the visit. */
export type Visit = Machine & {
  uid: string
  csrfToken: string
  locale: Locale
  t: Translate
  visitor: Visitor
  now: number
  loginHint: string | undefined
  /** Who asked to be greeted by name in this browser. */
  remembered: () => Promise<Account | undefined>
  config: PageSettings
  services: SignInServices
}

/** A visit of somebody whose password was verified. */
export type SignedVisit = Visit & {
  account: Account
  progress: Progress
  /** The account's second factors, disabled ones included. */
  factors: readonly SecondFactor[]
  activationMissing: ActivationReason | undefined
  /** There when a second factor, verified or enrolled, is all that the end of the sign-in waits for. */
  completion: Completion | undefined
}

/** What only a page needs, and is read when one is drawn: the name of the application. */
export type OnPage<V extends Visit> = V & { application: string }

export type Step<V extends Visit> = {
  show: (visit: OnPage<V>, refused?: Refused) => Promise<Page>
  submit: (visit: V, form: Form) => Promise<Accepted | Refused>
}
