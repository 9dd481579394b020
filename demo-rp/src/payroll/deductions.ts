// What is held back of a pay, in cents. In the manner of Québec in 2026: the order of size is right and the
// yearly limits are kept, but the brackets are simplified. A demonstration, nobody's real tax. Pure.

import { PAYS_PER_YEAR } from './calendar.js'

export type DeductionName =
  | 'federalTax'
  | 'quebecTax'
  | 'pensionPlan'
  | 'parentalInsurance'
  | 'employmentInsurance'
  | 'rregop'
  | 'union'

export interface Taxable {
  gross: number
  /** the part of it that counts for the RREGOP and the union: hours at the ordinary rate */
  basic: number
}

interface Levy {
  rate: number
  /** of a year's earnings nothing is taken up to here, in cents */
  exemption: number
  /** and in a year no more than this is taken */
  limit: number
}

const PENSION_PLAN: Levy = { rate: 0.063, exemption: 350_000, limit: 447_930 }
const PARENTAL_INSURANCE: Levy = { rate: 0.0043, exemption: 0, limit: 44_290 }
const EMPLOYMENT_INSURANCE: Levy = { rate: 0.013, exemption: 0, limit: 89_570 }
const RREGOP: Levy = { rate: 0.0915, exemption: 1_865_000, limit: Infinity }
const UNION_RATE = 0.015

interface Tax {
  /** from this income of a year on, in cents, at this rate */
  brackets: readonly (readonly [from: number, rate: number])[]
  creditRate: number
  credits: number
  /** the part of federal tax that Québec collects in its stead */
  abatement: number
}

const FEDERAL: Tax = {
  brackets: [
    [0, 0.14],
    [5_852_300, 0.205],
    [11_704_500, 0.26],
  ],
  creditRate: 0.14,
  credits: 1_795_300,
  abatement: 0.165,
}
const QUEBEC: Tax = {
  brackets: [
    [0, 0.14],
    [5_434_500, 0.19],
    [10_868_000, 0.24],
  ],
  creditRate: 0.14,
  credits: 1_895_200,
  abatement: 0,
}

/** `yearToDate` says what was held back in the year's earlier pays. */
export function deductionsOf(
  { gross, basic }: Taxable,
  yearToDate: (name: DeductionName) => number,
): Record<DeductionName, number> {
  const levied = (name: DeductionName, { rate, exemption, limit }: Levy, earnings = gross) => {
    const due = Math.round(rate * Math.max(0, earnings - exemption / PAYS_PER_YEAR))
    return Math.min(due, limit - yearToDate(name))
  }
  const rregop = levied('rregop', RREGOP, basic)
  const union = Math.round(basic * UNION_RATE)
  const yearly = (gross - rregop - union) * PAYS_PER_YEAR
  return {
    federalTax: taxOn(yearly, FEDERAL),
    quebecTax: taxOn(yearly, QUEBEC),
    pensionPlan: levied('pensionPlan', PENSION_PLAN),
    parentalInsurance: levied('parentalInsurance', PARENTAL_INSURANCE),
    employmentInsurance: levied('employmentInsurance', EMPLOYMENT_INSURANCE),
    rregop,
    union,
  }
}

/** One pay's share of the tax on a year's income. */
function taxOn(income: number, { brackets, creditRate, credits, abatement }: Tax): number {
  const full = brackets.reduce((sum, [from, rate], number) => {
    const next = brackets[number + 1]?.[0] ?? Infinity
    return sum + rate * Math.max(0, Math.min(income, next) - from)
  }, -creditRate * credits)
  return Math.round((Math.max(0, full) * (1 - abatement)) / PAYS_PER_YEAR)
}
