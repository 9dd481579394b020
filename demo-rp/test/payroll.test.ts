import { describe, expect, test } from '@jest/globals'
import { isoDay, lastPaidPeriod, nextPayday, today } from '../src/payroll/calendar.js'
import { readDeposit } from '../src/payroll/direct-deposit.js'
import { employeeOf } from '../src/payroll/employee.js'
import { statementsOf, type Amount, type Statement } from '../src/payroll/payroll.js'
import { twoWeeks } from '../src/payroll/schedule.js'
import { formatCents, formatDay, formatHours, formatMoment, formatTime } from '../src/pages/formats.js'

const PEOPLE = ['marie', 'john', 'q3VJk0', 'b7-Zr1', 'Wm9xA2', 'hE5_t8']
const NOVEMBER = Date.parse('2026-11-25T23:00:00Z')
// Of each, the six pays before it: among them those of two years.
const MOMENTS = [
  '2024-02-29T12:00:00Z',
  '2026-01-02T12:00:00Z',
  '2026-02-20T12:00:00Z',
  '2026-11-25T23:00:00Z',
]

const everyStatement = (): Statement[] =>
  PEOPLE.flatMap((sub) => MOMENTS.flatMap((moment) => statementsOf(sub, Date.parse(moment))))
/** A statement and the one before it, the older second. */
const everyPair = (): [Statement, Statement][] =>
  PEOPLE.flatMap((sub) =>
    MOMENTS.flatMap((moment) => {
      const statements = statementsOf(sub, Date.parse(moment))
      return statements.slice(1).map((older, index): [Statement, Statement] => {
        const newer = statements[index]
        if (newer === undefined) throw new Error('unreachable')
        return [newer, older]
      })
    }),
  )
const yearOf = ({ period }: Statement) => period.paidOn.getUTCFullYear()
const total = (lines: readonly Amount[], column: keyof Amount) =>
  lines.reduce((sum, line) => sum + line[column], 0)

describe('a pay statement', () => {
  test.each<keyof Amount>(['cents', 'yearToDate'])('adds up in its column %s', (column) => {
    for (const { earnings, deductions, gross, deducted, net } of everyStatement()) {
      expect(total(earnings, column)).toBe(gross[column])
      expect(total(deductions, column)).toBe(deducted[column])
      expect(gross[column] - deducted[column]).toBe(net[column])
    }
  })

  test('pays each hour at its rate, 75 of them at the ordinary one', () => {
    for (const { earnings } of everyStatement()) {
      const [regular] = earnings
      const ordinary = earnings.filter(({ rate }) => rate === regular?.rate)
      expect(ordinary.reduce((sum, { hours }) => sum + hours, 0)).toBe(7500)
      for (const { hours, rate, cents } of earnings) expect(cents).toBe(Math.round((hours * rate) / 100))
    }
  })

  test('is of whole cents, none below nothing, and leaves a person more than half', () => {
    for (const { earnings, deductions, gross, net } of everyStatement()) {
      for (const { cents, yearToDate } of [...earnings, ...deductions]) {
        expect(Number.isInteger(cents) && Number.isInteger(yearToDate)).toBe(true)
        expect(cents).toBeGreaterThanOrEqual(0)
      }
      expect(net.cents).toBeGreaterThan(gross.cents / 2)
    }
  })

  test('carries the year’s columns on, and begins them anew with the year’s first pay', () => {
    const isNewYear = new Set<boolean>()
    for (const [newer, older] of everyPair()) {
      const isSameYear = yearOf(newer) === yearOf(older)
      isNewYear.add(!isSameYear)
      expect(newer.number).toBe(isSameYear ? older.number + 1 : 1)
      for (const [line, before] of linesOf(newer, older))
        expect(line.yearToDate).toBe(line.cents + (isSameYear ? before.yearToDate : 0))
    }
    expect(isNewYear).toEqual(new Set([false, true]))
  })

  test('holds no more back in a year than the law’s limits', () => {
    const limits = { pensionPlan: 447_930, parentalInsurance: 44_290, employmentInsurance: 89_570 }
    const reached = new Set<string>()
    for (const sub of PEOPLE)
      for (const { deductions } of statementsOf(sub, Date.parse('2026-12-31T12:00:00Z')))
        for (const [name, limit] of Object.entries(limits)) {
          const line = deductions.find((deduction) => deduction.name === name)
          expect(line?.yearToDate).toBeLessThanOrEqual(limit)
          if (line?.yearToDate === limit) reached.add(name)
        }
    expect([...reached]).toContain('employmentInsurance')
  })

  test('shows banks of hours that follow from the ones before, and never owe', () => {
    for (const [newer, older] of everyPair())
      for (const bank of newer.banks) {
        expect(bank.opening).toBe(older.banks.find(({ name }) => name === bank.name)?.balance)
        expect(bank.balance).toBe(bank.opening + bank.earned - bank.taken)
        expect(bank.balance).toBeGreaterThanOrEqual(0)
        expect(bank.taken).toBe(newer.earnings.find(({ name }) => name === bank.name)?.hours)
      }
  })
})

function linesOf(newer: Statement, older: Statement): [Amount, Amount][] {
  const pairs = (name: 'earnings' | 'deductions') =>
    newer[name].map((line, index): [Amount, Amount] => [
      line,
      older[name][index] ?? { cents: 0, yearToDate: 0 },
    ])
  return [...pairs('earnings'), ...pairs('deductions'), [newer.net, older.net]]
}

describe('the same person', () => {
  test('on the same day reads the same, and another person something else', () => {
    expect(statementsOf('marie', NOVEMBER)).toEqual(statementsOf('marie', NOVEMBER + 3_600_000))
    expect(statementsOf('marie', NOVEMBER)).not.toEqual(statementsOf('john', NOVEMBER))
    expect(employeeOf('marie')).toEqual(employeeOf('marie'))
  })

  test('has six pays, two weeks apart, the last one paid by now', () => {
    const days = statementsOf('marie', NOVEMBER).map(({ period }) => isoDay(period.paidOn))
    expect(days).toEqual(['2026-11-12', '2026-10-29', '2026-10-15', '2026-10-01', '2026-09-17', '2026-09-03'])
  })

  test('keeps their amounts when the next pay comes', () => {
    const [newest, ...older] = statementsOf('marie', NOVEMBER + 14 * 86_400_000)
    expect(older).toEqual(statementsOf('marie', NOVEMBER).slice(0, 5))
    expect(newest?.period.paidOn).toEqual(nextPayday(today(NOVEMBER)))
  })
})

describe('the calendar', () => {
  test.each(['2026-01-01T04:00:00Z', '2026-03-08T12:00:00Z', '2027-12-31T23:59:59Z'])(
    'holds on %s',
    (moment) => {
      const now = Date.parse(moment)
      const { from, to, paidOn } = lastPaidPeriod(now)
      expect([from.getUTCDay(), to.getUTCDay(), paidOn.getUTCDay()]).toEqual([0, 6, 4])
      expect(paidOn.getTime()).toBeLessThanOrEqual(now)
      expect(nextPayday(today(now)).getTime()).toBeGreaterThan(today(now).getTime())

      const weeks = twoWeeks(employeeOf('marie'), now)
      for (const week of weeks) {
        expect(week.map(({ day }) => day.getUTCDay())).toEqual([0, 1, 2, 3, 4, 5, 6])
        expect(week.filter(({ shift }) => shift !== undefined)).toHaveLength(5)
      }
      expect(weeks[0].filter(({ isToday }) => isToday).map(({ day }) => day)).toEqual([today(now)])
    },
  )

  test('turns to the next day at midnight here, not at midnight UTC', () => {
    expect(isoDay(today(Date.parse('2026-01-01T04:59:59Z')))).toBe('2025-12-31')
    expect(isoDay(today(Date.parse('2026-01-01T05:00:00Z')))).toBe('2026-01-01')
  })
})

describe('as people here write them', () => {
  test.each([
    ['fr-CA', '61\u00A0234,56\u00A0$', '37,50\u00A0h'],
    ['en', '$61,234.56', '37.50\u00A0h'],
  ] as const)('amounts and hours in %s', (language, amount, hours) => {
    expect(formatCents(6_123_456, language)).toBe(amount)
    expect(formatHours(3750, language)).toBe(hours)
  })

  test('the first of the month, and times that do not break', () => {
    expect(formatDay(new Date('2026-12-01'), 'fr-CA')).toBe('1ᵉʳ\u00A0décembre 2026')
    expect(formatDay(new Date('2026-12-11'), 'fr-CA', 'weekday')).toBe('vendredi 11 décembre')
    expect(formatTime(Date.UTC(2026, 10, 25, 12, 5), 'fr-CA')).toBe('7\u00A0h\u00A005')
    expect(formatMoment(NOVEMBER / 1000, 'fr-CA')).toBe(
      '25 novembre 2026 à 18\u00A0h\u00A000\u00A0min\u00A000\u00A0s',
    )
    expect(formatMoment(NOVEMBER / 1000, 'en')).toBe('November 25, 2026 at 6:00:00\u00A0p.m.')
  })
})

describe('a direct deposit as typed', () => {
  const read = (institution: string, transit: string, account: string) =>
    readDeposit(new URLSearchParams({ institution, transit, account }))

  test('is kept by the account’s last three digits alone', () => {
    expect(read('815', '20123', '12-345 67')).toEqual({
      ok: true,
      deposit: { institution: '815', transit: '20123', ending: '567' },
    })
  })

  test.each([
    ['81', '20123', '1234567', ['institution']],
    ['815', '2012a', '1234567', ['transit']],
    ['815', '20123', '123456', ['account']],
    ['815', '20123', '1234567890123', ['account']],
    ['٨١٥', '', '', ['institution', 'transit', 'account']],
  ])('%s, %s, %s is refused by the fields that are wrong', (institution, transit, account, faults) => {
    expect(read(institution, transit, account)).toMatchObject({ ok: false, faults })
  })
})
