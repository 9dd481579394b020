// The invented employee behind a `sub`: the same person always has the same post, and nobody's is real. Pure.

import { createHash } from 'node:crypto'
import { addDays } from './calendar.js'

export type JobName = 'nurse' | 'attendant' | 'respiratoryTherapist' | 'clerk'
export type UnitName = 'medicine' | 'emergency' | 'geriatrics' | 'dayCentre'

export interface Employee {
  sub: string
  number: string
  job: JobName
  /** the place on the job's scale, from 1 */
  step: number
  /** cents an hour */
  rate: number
  unit: UnitName
  hiredOn: Date
}

/** What an hour is paid at each step, in cents. */
const SCALES: Record<JobName, readonly number[]> = {
  nurse: [3124, 3368, 3651, 3967, 4310],
  attendant: [2571, 2624, 2688],
  respiratoryTherapist: [3098, 3417, 3788, 4224],
  clerk: [2498, 2612, 2739, 2866],
}
const JOBS: readonly JobName[] = ['nurse', 'nurse', 'attendant', 'respiratoryTherapist', 'clerk']
const UNITS: readonly UnitName[] = ['medicine', 'emergency', 'geriatrics', 'dayCentre']
const FIRST_HIRED = new Date('2008-03-03') // a Monday
const WEEKS_OF_HIRING = 560

export function employeeOf(sub: string): Employee {
  const job = pick(sub, 'job', JOBS)
  const scale = SCALES[job]
  const step = draw(sub, 'step', scale.length)
  return {
    sub,
    number: String(100_000 + draw(sub, 'number', 900_000)),
    job,
    step: step + 1,
    rate: scale[step] ?? 0,
    unit: pick(sub, 'unit', UNITS),
    hiredOn: addDays(FIRST_HIRED, 7 * draw(sub, 'hired', WEEKS_OF_HIRING)),
  }
}

/** A number from 0 up to, but not, `count`: by chance, and the same each time for the same person and question. */
export function draw(sub: string, question: string, count: number): number {
  return createHash('sha256').update(`${question}:${sub}`).digest().readUInt32BE() % count
}

export function pick<Item>(sub: string, question: string, [first, ...others]: readonly Item[]): Item {
  const chosen = [first, ...others][draw(sub, question, others.length + 1)]
  if (chosen === undefined) throw new Error(`nothing to pick from for ${question}`)
  return chosen
}
