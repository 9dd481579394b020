// The code that Google Authenticator shows. A refusal says, where it can, what is wrong with the phone.

import type { Form } from '../../../src/http/form.js'
import { formatNames } from '../../../src/i18n.js'
import { entryText } from '../../../src/second-factors/authenticator-entry.js'
import { parseCode } from '../../../src/second-factors/totp.js'
import { faultOf, waitingFault } from '../code-fault.js'
import type { Accepted, OnPage, Page, Refused, SignedVisit, Step } from '../step.js'
import { helpFrom } from '../../site/help-address.js'
import { ForApplication, NotYou } from '../../views/application.js'
import { ErrorSummary, Field, PostForm, Primary, Tick, TICKED } from '../../views/form.js'

async function show(visit: OnPage<SignedVisit>, refused?: Refused): Promise<Page> {
  const { uid, application, csrfToken, t, account, services, visitor } = visit
  const wait = refused === undefined ? await services.signIns.waitForCode(account, visitor) : 0
  const shown: Refused | undefined = wait > 0 ? { ok: false, faults: [waitingFault(wait)] } : refused
  return {
    title: t('code.title'),
    body: (
      <>
        <ForApplication name={application} t={t} />
        <h1>{t('code.title')}</h1>
        <ErrorSummary refused={shown} t={t} />
        <PostForm action={`/interaction/${uid}/one-time-code`} csrfToken={csrfToken}>
          <Field
            name="code"
            label={t('code.label')}
            hint={await whichDevice(visit)}
            t={t}
            refused={shown}
            autocomplete="one-time-code"
            inputmode="numeric"
            maxLength={12}
            className="code"
            isFocused={shown === undefined}
          />
          {(await mayRemember(visit)) ? (
            <Tick
              name="rememberMe"
              label={t('code.remember-me')}
              hint={t('code.remember-me-hint')}
              isTicked={refused?.typed?.['rememberMe'] === TICKED}
            />
          ) : null}
          <Primary>{t('code.submit')}</Primary>
        </PostForm>
        <p class="below">
          <a href={helpFrom(uid, 'one-time-code', 'device')}>{t('code.device-gone')}</a>
        </p>
        <NotYou uid={uid} csrfToken={csrfToken} name={account.name} t={t} />
      </>
    ),
  }
}

/**
 * The devices whose code serves, a disabled one only when there is no other; and the entry of a single one,
 * for whoever has several in the authenticator.
 */
async function whichDevice({ account, factors, locale, t, config, services }: SignedVisit): Promise<string> {
  const phones = factors.filter(({ kind }) => kind === 'totp')
  const serving = phones.filter(({ disabledAt }) => disabledAt === null)
  const named = serving.length > 0 ? serving : phones
  const [device] = named
  if (device === undefined || named.length > 1) {
    const names = named.map(({ name }) => name)
    return t('code.one-of-devices', { devices: formatNames(names, locale, 'disjunction') })
  }
  const entry = t('enrol.entry', {
    organisation: config.organisationName,
    account: entryText(await services.secondFactors.entryOf(account, device)),
  })
  return t('code.device', { device: device.name, entry })
}

/** Offered where the sign-in ends with this code, to a person alone at a computer of their own. */
async function mayRemember(visit: SignedVisit): Promise<boolean> {
  const { account, completion, config, services, visitor } = visit
  if (completion === undefined || completion.isSharedComputer) return false
  if (config.isSharedNetwork(visitor.clientAddress) || (await visit.remembered()) !== undefined) return false
  return services.rememberedPeople.isAlone(account.id, visitor)
}

async function submit(visit: SignedVisit, form: Form): Promise<Accepted | Refused> {
  const { uid, account, progress, services, visitor, completion } = visit
  const typed = { rememberMe: form['rememberMe'] === TICKED ? TICKED : '' }
  const code = parseCode(form['code'] ?? '')
  if (code === undefined)
    return {
      ok: false,
      typed,
      faults: [
        { field: 'code', title: (form['code'] ?? '').trim() === '' ? 'code.missing' : 'code.malformed' },
      ],
    }

  const remembers = typed.rememberMe === TICKED && (await mayRemember(visit))
  const person = { account, signIn: progress.signIn, visitor }
  const outcome = await services.signIns.verifyCode(person, code, completion)
  if (outcome.ok) return { ok: true, progress, completed: outcome.completed, remembers }
  switch (outcome.reason) {
    case 'wrong':
      return {
        ok: false,
        faults: [faultOf(outcome.diagnosis, helpFrom(uid, 'one-time-code', 'clock'))],
        typed,
      }
    case 'waiting':
      return {
        ok: false,
        faults: [waitingFault(outcome.waitSeconds)],
        retryAfterSeconds: outcome.waitSeconds,
      }
    case 'too-many':
      return {
        ok: false,
        faults: [{ ...waitingFault(outcome.waitSeconds), title: 'code.too-many' }],
        retryAfterSeconds: outcome.waitSeconds,
        restarts: true,
      }
    case 'suspended':
      return {
        ok: false,
        faults: [
          {
            title: 'code.suspended',
            detail: 'code.suspended-detail',
            values: { count: outcome.devices },
          },
        ],
        restarts: true,
      }
    case 'overtaken':
      return {
        ok: false,
        faults: [{ title: 'sign-in.overtaken', detail: 'sign-in.overtaken-detail' }],
        restarts: true,
      }
  }
}

export const oneTimeCodeStep: Step<SignedVisit> = { show, submit }
