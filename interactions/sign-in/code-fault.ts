// The words for a refused code: one table for the two pages that ask for one.

import { formatDuration } from '../../src/i18n.js'
import { entryText } from '../../src/second-factors/authenticator-entry.js'
import type { Diagnosis } from '../../src/second-factors/diagnosis.js'
import type { Fault } from './step.js'

/** What to do with an entry whose codes serve nothing: `enrolling`, on the page with the QR code. */
const OLD_ENTRY = { 'by-qr-code': 'enrol.old-entry', 'on-phone': 'enrol.old-entry-on-phone' } as const

/** `clockHelp`: the help page, which leads back to the page that was refused. */
export function faultOf(diagnosis: Diagnosis, clockHelp: string, enrolling?: keyof typeof OLD_ENTRY): Fault {
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
        link: { href: clockHelp, text: 'code.clock-how' },
      }
    case 'removed-device':
      return {
        field: 'code',
        title: 'code.removed-device',
        detail: enrolling === undefined ? 'code.removed-device-detail' : OLD_ENTRY[enrolling],
        values: { device: diagnosis.name },
      }
    case 'earlier-enrolment':
      return {
        field: 'code',
        title: 'code.earlier-enrolment',
        detail: enrolling === undefined ? 'code.earlier-enrolment-detail' : OLD_ENTRY[enrolling],
        values: { mark: entryText(diagnosis.mark) },
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
