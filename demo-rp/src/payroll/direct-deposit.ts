// Where a person's pay is deposited. Of an account number no more than its last three digits is kept: this is
// a demonstration, and somebody may type a real one. What is typed is judged here, purely.

import { draw, pick } from './employee.js'

export interface DirectDeposit {
  institution: string
  transit: string
  /** the account's last digits */
  ending: string
  /** undefined as long as it is the one the employee was hired with */
  changedAt: number | undefined
}

export const DEPOSIT_FIELDS = ['institution', 'transit', 'account'] as const
export type DepositField = (typeof DEPOSIT_FIELDS)[number]
export type DepositForm = Record<DepositField, string>

const SHAPES: Record<DepositField, RegExp> = {
  institution: /^\d{3}$/,
  transit: /^\d{5}$/,
  account: /^\d{7,12}$/,
}
const ENDING = 3
const LONGEST = 40

export type DepositResult =
  | { ok: true; deposit: Omit<DirectDeposit, 'changedAt'> }
  | { ok: false; form: DepositForm; faults: DepositField[] }

/** Spaces and hyphens are left out, as cheques are printed with them. */
export function readDeposit(typed: URLSearchParams): DepositResult {
  const field = (name: DepositField) => (typed.get(name) ?? '').replaceAll(/[\s-]/g, '').slice(0, LONGEST)
  const form = {
    institution: field('institution'),
    transit: field('transit'),
    account: field('account'),
  }
  const faults = DEPOSIT_FIELDS.filter((name) => !SHAPES[name].test(form[name]))
  if (faults.length > 0) return { ok: false, form, faults }
  const { institution, transit, account } = form
  return { ok: true, deposit: { institution, transit, ending: account.slice(-ENDING) } }
}

const INSTITUTIONS = ['815', '006', '003', '001'] as const

function depositAtHiring(sub: string): DirectDeposit {
  return {
    institution: pick(sub, 'institution', INSTITUTIONS),
    transit: String(10_000 + draw(sub, 'transit', 90_000)),
    ending: String(draw(sub, 'account', 1000)).padStart(ENDING, '0'),
    changedAt: undefined,
  }
}

export interface DirectDeposits {
  of: (sub: string) => DirectDeposit
  change: (sub: string, deposit: Omit<DirectDeposit, 'changedAt'>) => void
}

/** In memory, as the sessions are: a restart forgets every change. */
export function createDirectDeposits(now: () => number): DirectDeposits {
  const changed = new Map<string, DirectDeposit>()
  return {
    of: (sub) => changed.get(sub) ?? depositAtHiring(sub),
    change: (sub, deposit) => void changed.set(sub, { ...deposit, changedAt: now() }),
  }
}
