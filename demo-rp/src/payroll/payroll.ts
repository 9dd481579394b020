// Pay statements, invented but true in themselves: each follows from the one before it, so every column adds
// up. Cents and hundredths of an hour, no fractions. Pure: the same person on the same day reads the same.

import { banksAfter, type Bank } from './banks.js'
import { lastPaidPeriod, periodAt, type Period } from './calendar.js'
import { deductionsOf, type DeductionName } from './deductions.js'
import { draw, employeeOf, type Employee } from './employee.js'
import { PAID_PER_SHIFT, plannedShifts } from './schedule.js'

export type EarningName = 'regular' | 'vacation' | 'sick' | 'compensatory' | 'overtime' | 'evening'

/** An amount in this pay, and in the year so far. */
export interface Amount {
  cents: number
  yearToDate: number
}

export interface Earning extends Amount {
  name: EarningName
  hours: number
  /** cents an hour */
  rate: number
}

export interface Deduction extends Amount {
  name: DeductionName
}

export interface Statement {
  period: Period
  /** which pay of its year it is, from 1 */
  number: number
  earnings: readonly Earning[]
  deductions: readonly Deduction[]
  gross: Amount
  deducted: Amount
  net: Amount
  banks: readonly Bank[]
}

const SHOWN = 6
const OVERTIME_FACTOR = 1.5
const EVENING_PREMIUM = 0.08

/** The last six, the newest first. */
export function statementsOf(sub: string, now: number): Statement[] {
  const employee = employeeOf(sub)
  const last = lastPaidPeriod(now).index
  const statements: Statement[] = []
  for (let index = 0; index <= last; index += 1)
    statements.push(statementOf(employee, periodAt(index), statements.at(-1)))
  return statements.slice(-SHOWN).toReversed()
}

function statementOf(employee: Employee, period: Period, before: Statement | undefined): Statement {
  const isSameYear = before?.period.paidOn.getUTCFullYear() === period.paidOn.getUTCFullYear()
  const sinceNewYear = isSameYear ? before : undefined
  const { overtimePaid, overtimeKept } = overtimeIn(employee.sub, period.index)
  const banks = banksAfter(employee.sub, period.index, overtimeKept, before?.banks)

  const earnings = hoursOf(employee, period, banks, overtimePaid).map(({ name, hours, rate }) => {
    const earlier = sinceNewYear?.earnings.find((line) => line.name === name)?.yearToDate ?? 0
    const cents = Math.round((hours * rate) / 100)
    return { name, hours, rate, cents, yearToDate: earlier + cents }
  })
  const gross = sum(earnings)
  const basic = sum(earnings.filter(({ rate }) => rate === employee.rate)).cents

  const earlier = (name: DeductionName) =>
    sinceNewYear?.deductions.find((line) => line.name === name)?.yearToDate ?? 0
  const deductions = Object.entries(deductionsOf({ gross: gross.cents, basic }, earlier)).map(
    ([key, cents]) => {
      const name = key as DeductionName // the record's own keys
      return { name, cents, yearToDate: earlier(name) + cents }
    },
  )
  const deducted = sum(deductions)
  const net = {
    cents: gross.cents - deducted.cents,
    yearToDate: gross.yearToDate - deducted.yearToDate,
  }
  return {
    period,
    number: (sinceNewYear?.number ?? 0) + 1,
    earnings,
    deductions,
    gross,
    deducted,
    net,
    banks,
  }
}

/** Hours away take the place of shifts from the period's beginning; every line is there, also at nothing. */
function hoursOf(
  employee: Employee,
  { index }: Period,
  banks: readonly Bank[],
  overtime: number,
): Pick<Earning, 'name' | 'hours' | 'rate'>[] {
  const { rate } = employee
  const away = banks.reduce((hours, { taken }) => hours + taken, 0)
  const shifts = plannedShifts(employee, index).filter((shift) => shift !== undefined)
  const worked = shifts.slice(away / PAID_PER_SHIFT)
  const evening = worked.filter((shift) => shift === 'evening').length * PAID_PER_SHIFT
  return [
    { name: 'regular', hours: worked.length * PAID_PER_SHIFT, rate },
    ...banks.map(({ name, taken }) => ({ name, hours: taken, rate })),
    { name: 'overtime', hours: overtime, rate: Math.round(rate * OVERTIME_FACTOR) },
    { name: 'evening', hours: evening, rate: Math.round(rate * EVENING_PREMIUM) },
  ]
}

/** Some overtime is paid, some is kept as time to take back, an hour and a half for each. */
function overtimeIn(sub: string, index: number): { overtimePaid: number; overtimeKept: number } {
  const kind = draw(sub, `overtime:${index}`, 5)
  const overtimePaid = [PAID_PER_SHIFT, PAID_PER_SHIFT / 2][kind] ?? 0
  return { overtimePaid, overtimeKept: kind === 2 ? PAID_PER_SHIFT * OVERTIME_FACTOR : 0 }
}

function sum(lines: readonly Amount[]): Amount {
  return {
    cents: lines.reduce((total, { cents }) => total + cents, 0),
    yearToDate: lines.reduce((total, { yearToDate }) => total + yearToDate, 0),
  }
}
