// The sign-in page: CIP and password. It always starts fresh progress: two people at one computer never share
// any.

import { parseCip } from '../../../src/accounts/cip.js'
import { firstNameOf } from '../../../src/accounts/profile.js'
import type { Form } from '../../../src/http/form.js'
import { formatDuration } from '../../../src/i18n.js'
import { PasswordForm } from '../password-form.js'
import { freshProgress } from '../progress.js'
import type { Accepted, OnPage, Page, Refused, Visit } from '../step.js'
import { ForApplication, ForgetMe } from '../../views/application.js'
import { ErrorSummary, TICKED } from '../../views/form.js'

async function show(visit: OnPage<Visit>, refused?: Refused): Promise<Page> {
  const { uid, application, csrfToken, t, loginHint } = visit
  const asked = refused?.typed?.['cip'] ?? loginHint
  const remembered = await visit.remembered()
  // Who types another CIP is not the one who is remembered.
  const isGreeted = remembered !== undefined && (asked === undefined || parseCip(asked) === remembered.cip)
  const cip = isGreeted ? remembered.cip : (asked ?? '')
  return {
    title: t('password.title'),
    body: (
      <>
        <ForApplication name={application} t={t} />
        <h1>
          {isGreeted ? t('password.greeting', { firstName: firstNameOf(remembered) }) : t('password.title')}
        </h1>
        <ErrorSummary refused={refused} t={t} />
        <PasswordForm visit={visit} refused={refused} cip={cip} isReadOnly={isGreeted} />
        {isGreeted ? <ForgetMe uid={uid} csrfToken={csrfToken} t={t} /> : null}
      </>
    ),
  }
}

/** What may be shown again of what was typed. */
const typedIn = (form: Form) => ({
  cip: (form['cip'] ?? '').trim().slice(0, 64),
  sharedComputer: form['sharedComputer'] === TICKED ? TICKED : '',
})

/** `signal`: gives the place in line up. Throws `busy` when it is lost. */
async function submit(
  { uid, services, visitor, now }: Visit,
  form: Form,
  signal?: AbortSignal,
): Promise<Accepted | Refused> {
  const cip = (form['cip'] ?? '').trim()
  const password = form['password'] ?? ''
  const typed = typedIn(form)
  const missing = [
    ...(cip === '' ? [{ field: 'cip', title: 'password.cip-missing' } as const] : []),
    ...(password === '' ? [{ field: 'password', title: 'password.password-missing' } as const] : []),
  ]
  if (missing.length > 0) return { ok: false, faults: missing, typed }

  const outcome = await services.passwords.verify(cip, password, visitor, signal)
  if (outcome.ok) {
    const signIn = services.nameSignIn(outcome.account, uid)
    const isShared = typed.sharedComputer === TICKED
    return { ok: true, progress: freshProgress(outcome.account, signIn, isShared, now) }
  }
  switch (outcome.reason) {
    case 'wrong': {
      const { waitSeconds } = outcome
      const wait = { values: { wait: formatDuration(waitSeconds) }, waitSeconds }
      const detail = waitSeconds > 0 ? 'password.wrong-and-wait' : 'password.wrong-detail'
      return { ok: false, faults: [{ title: 'password.wrong', detail, ...wait }], typed }
    }
    case 'waiting':
      return {
        ok: false,
        faults: [
          {
            title: 'password.waiting',
            detail: 'password.waiting-detail',
            values: { wait: formatDuration(outcome.waitSeconds) },
            waitSeconds: outcome.waitSeconds,
          },
        ],
        retryAfterSeconds: outcome.waitSeconds,
        typed,
      }
    case 'temporary-password-expired':
      return {
        ok: false,
        faults: [{ title: 'password.temporary-expired', detail: 'password.temporary-expired-detail' }],
        typed,
      }
  }
}

export const passwordStep = { show, submit, typedIn }
