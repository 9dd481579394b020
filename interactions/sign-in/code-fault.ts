// The words for a refused code: one table for the two pages that ask for one.

import { formatDuration } from '../../src/i18n.js'
import type { Diagnosis } from '../../src/second-factors/diagnosis.js'
import type { Fault } from './step.js'

export function faultOf(diagnosis: Diagnosis): Fault {
  switch (diagnosis.kind) {
    case 'already-used':
      return {
        field: 'code',
        title: 'code.already-used',
        detail: diagnosis.waitSeconds > 0 ? 'code.already-used-wait' : 'code.already-used-next',
        values: { wait: formatDuration(diagnosis.waitSeconds) },
        waitSeconds: diagnosis.waitSeconds,
      }
    case 'server-clock':
      return { field: 'code', title: 'code.server-clock', detail: 'code.server-clock-detail' }
    case 'clock':
      return {
        field: 'code',
        title: diagnosis.offsetSeconds < 0 ? 'code.clock-behind' : 'code.clock-ahead',
        detail: 'code.clock-detail',
        values: { offset: formatDuration(Math.abs(diagnosis.offsetSeconds)) },
        link: { href: '/help#clock', text: 'code.clock-how' },
      }
    case 'removed-device':
      return {
        field: 'code',
        title: 'code.removed-device',
        detail: 'code.removed-device-detail',
        values: { device: diagnosis.name },
      }
    case 'unknown':
      return { field: 'code', title: 'code.wrong', detail: 'code.wrong-detail' }
  }
}

export function waitingFault(waitSeconds: number): Fault {
  return {
    title: 'code.waiting',
    detail: 'code.waiting-detail',
    values: { wait: formatDuration(waitSeconds) },
    waitSeconds,
  }
}
