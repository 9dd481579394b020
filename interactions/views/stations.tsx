// « Connexion ✓ · Téléphone ● · eEspresso ○ »: where the person stands. Each state is a sign to the eye, of
// its own shape and not of colour alone, and a word to a screen reader.

import type { VNode } from 'preact'
import type { MessageKey, Translate } from '../../src/i18n.js'
import { STATION_TEXTS, type Station } from '../sign-in/stations.js'

type Props = { stations: readonly Station[]; application: string; t: Translate }

const STATES: Record<Station['state'], MessageKey> = {
  done: 'stations.done',
  current: 'stations.current',
  ahead: 'stations.ahead',
}

export function Stations({ stations, application, t }: Props): VNode | null {
  if (stations.length === 0) return null
  return (
    <ol class="stations" aria-label={t('stations.label')}>
      {stations.map(({ name, state }) => (
        <li key={name} class={state} aria-current={state === 'current' ? 'step' : undefined}>
          <Sign state={state} />
          <span>
            {name === 'application' ? application : t(STATION_TEXTS[name])}{' '}
            <span class="unseen">{t(STATES[state])}</span>
          </span>
        </li>
      ))}
    </ol>
  )
}

function Sign({ state }: Pick<Station, 'state'>): VNode {
  return (
    <svg viewBox="0 0 16 16" aria-hidden="true">
      <circle cx="8" cy="8" r="6.75" />
      {state === 'done' ? <path d="m4.9 8.3 2.1 2.2 4.1-4.7" /> : null}
      {state === 'current' ? <circle class="dot" cx="8" cy="8" r="3.4" /> : null}
    </svg>
  )
}
