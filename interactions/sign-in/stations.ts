// The stations of a first access, and which one the person is at: a pure function of the step and of what
// this sign-in has asked for besides. A later access is two pages, and needs no map; unless a temporary
// password adds a third.

import type { MessageKey } from '../../src/i18n.js'
import type { SignedStepName } from './assessment.js'

export type StationName = 'sign-in' | 'code' | 'activation' | 'password' | 'phone' | 'application'
export type Station = { name: StationName; state: 'done' | 'current' | 'ahead' }

type Journey = {
  step: SignedStepName
  isEnrolled: boolean
  /** Also where the code was given already. */
  needsActivation: boolean
  /** Also where it was chosen already. */
  choosesPassword: boolean
}

const STATION_OF: Record<SignedStepName, StationName> = {
  'one-time-code': 'code',
  'activation': 'activation',
  'change-password': 'password',
  'enrol': 'phone',
}

/** In the words of the pages; the last one bears the application's name. */
export const STATION_TEXTS: Record<Exclude<StationName, 'application'>, MessageKey> = {
  'sign-in': 'stations.sign-in',
  'code': 'stations.code',
  'activation': 'stations.activation',
  'password': 'stations.password',
  'phone': 'stations.phone',
}

export function stationsOf({ step, isEnrolled, needsActivation, choosesPassword }: Journey): Station[] {
  if (isEnrolled && !choosesPassword) return []
  const between: StationName[] = [
    ...(isEnrolled ? (['code'] as const) : []),
    ...(needsActivation && !isEnrolled ? (['activation'] as const) : []),
    ...(choosesPassword ? (['password'] as const) : []),
    ...(isEnrolled ? [] : (['phone'] as const)),
  ]
  const names: StationName[] = ['sign-in', ...between, 'application']
  const here = names.indexOf(STATION_OF[step])
  return names.map((name, index) => ({
    name,
    state: index < here ? 'done' : index === here ? 'current' : 'ahead',
  }))
}
