// The page for what cannot go on: what happened, what to do next, and where to go back to.

import type { VNode } from 'preact'
import type { Problem } from '../../src/http/error-page.js'
import { formatDuration, type MessageKey, type Translate } from '../../src/i18n.js'
import type { Page } from '../sign-in/step.js'
import { TextWithWait } from '../views/form.js'

/** Where the person came from, when it is known. */
export type WayBack = { name: string; url: string }

const TEXTS: Record<string, [title: MessageKey, text: MessageKey]> = {
  'busy': ['problem.busy', 'problem.busy-text'],
  'cookies-refused': ['problem.cookies', 'problem.cookies-text'],
  'cross-site-request': ['problem.cross-site', 'problem.cross-site-text'],
  'database-unavailable': ['problem.unavailable', 'problem.unavailable-text'],
  'interaction-not-found': ['problem.interaction', 'problem.interaction-text'],
  'invalid_client': ['problem.application', 'problem.application-text'],
  'invalid_redirect_uri': ['problem.application', 'problem.application-text'],
  'length-required': ['problem.form', 'problem.form-text'],
  'method-not-allowed': ['problem.not-found', 'problem.not-found-text'],
  'not-found': ['problem.not-found', 'problem.not-found-text'],
  'other-browser': ['problem.other-browser', 'problem.other-browser-text'],
  'payload-too-large': ['problem.form', 'problem.form-text'],
  'session_not_found': ['problem.interaction', 'problem.interaction-text'],
  'too-many-requests': ['problem.too-many', 'problem.too-many-text'],
  'unsupported-media-type': ['problem.form', 'problem.form-text'],
}
const HINTS: Record<string, MessageKey[]> = {
  'cookies-refused': ['problem.cookies-chrome', 'problem.cookies-safari'],
}
const OF_A_REQUEST: [MessageKey, MessageKey] = ['problem.request', 'problem.request-text']
const OF_OURS: [MessageKey, MessageKey] = ['problem.internal', 'problem.internal-text']

type Details = { problem: Problem; supportCode: string; wayBack: WayBack | undefined; t: Translate }

export function problemPage({ problem, supportCode, wayBack, t }: Details): Page {
  const [title, text] = TEXTS[problem.code] ?? (problem.status >= 500 ? OF_OURS : OF_A_REQUEST)
  const hints = HINTS[problem.code] ?? []
  return {
    title: t(title),
    body: (
      <>
        <h1>{t(title)}</h1>
        <p>{t(text)}</p>
        {hints.length === 0 ? null : (
          <ul class="rules">
            {hints.map((hint) => (
              <li key={hint}>{t(hint)}</li>
            ))}
          </ul>
        )}
        {problem.retryAfterSeconds === undefined ? null : (
          <p data-wait-over={t('time.wait-over')} aria-live="polite">
            <TextWithWait
              text={t('problem.retry-after', { wait: formatDuration(problem.retryAfterSeconds) })}
              seconds={problem.retryAfterSeconds}
            />
          </p>
        )}
        <WayOn wayBack={wayBack} t={t} />
        <p class="below">
          <a href="/help">{t('help.link')}</a>
        </p>
        <p class="support-code">
          {t('problem.support-code')} <strong id="support-code">{supportCode}</strong>
        </p>
      </>
    ),
  }
}

/** Back to the application where it is known, else to the list of applications: no page is a dead end. */
export function WayOn({ wayBack, t }: { wayBack: WayBack | undefined; t: Translate }): VNode {
  return wayBack === undefined ? (
    <p>
      <a class="secondary" href="/">
        {t('problem.home')}
      </a>
    </p>
  ) : (
    <p>
      <a class="primary" href={wayBack.url}>
        {t('problem.way-back', { application: wayBack.name })}
      </a>
    </p>
  )
}
