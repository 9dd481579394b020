// Banks of hours: what was there, what came, what was taken, what is left. In hundredths of an hour. Pure.

import { draw } from './employee.js'
import { PAID_PER_SHIFT } from './schedule.js'

export type BankName = 'vacation' | 'sick' | 'compensatory'

export interface Bank {
  name: BankName
  opening: number
  earned: number
  taken: number
  balance: number
}

const VACATION_PER_PAY = 577 // twenty days a year
const SICK_PER_PAY = 277 // 9.6 days a year
const SICK_AT_MOST = 7200
const WEEK = 5 * PAID_PER_SHIFT

/** The banks after a period; `before` holds those of the period before it, if there is one. */
export function banksAfter(
  sub: string,
  index: number,
  overtimeKept: number,
  before?: readonly Bank[],
): Bank[] {
  const opening = (name: BankName) =>
    before?.find((bank) => bank.name === name)?.balance ?? (name === 'vacation' ? WEEK : 0)
  const chance = (question: string, oneIn: number) => draw(sub, `${question}:${index}`, oneIn) === 0

  const vacation = opening('vacation')
  const isOnVacation = vacation >= 4 * WEEK || (vacation >= 2 * WEEK && chance('vacation', 4))
  const sick = opening('sick')
  const isSick = sick >= PAID_PER_SHIFT && chance('sick', 8)
  const compensatory = opening('compensatory')
  const takesBack = compensatory >= WEEK || (compensatory >= PAID_PER_SHIFT && chance('compensatory', 3))

  return [
    moved('vacation', vacation, VACATION_PER_PAY, isOnVacation ? WEEK : 0),
    moved('sick', sick, Math.min(SICK_PER_PAY, SICK_AT_MOST - sick), isSick ? PAID_PER_SHIFT : 0),
    moved('compensatory', compensatory, overtimeKept, takesBack ? PAID_PER_SHIFT : 0),
  ]
}

function moved(name: BankName, opening: number, earned: number, taken: number): Bank {
  return { name, opening, earned, taken, balance: opening + earned - taken }
}
