// Brings people in from a CSV file: cip, name, email, and optionally more about them and a bcrypt hash from
// the system before. Each row is reported; a dry run checks everything and changes nothing.

import { CsvError, parse } from 'csv-parse/sync'
import type { Store } from '../../db/store.js'
import type { Actor } from '../audit/actor.js'
import type { AuditLog } from '../audit/audit-log.js'
import { AppError } from '../errors.js'
import { newAccountRow } from './account-row.js'
import type { AccountsService, CreateFault } from './accounts.js'
import { parseCip } from './cip.js'
import { ADDRESS_MEMBERS, newProfile, type ProfileChanges } from './profile.js'

export type ImportFault = CreateFault | 'hash-invalid' | 'cip-twice'
export type ImportLine = { line: number; cip: string; result: 'created' | 'would-create' | ImportFault }

type Column =
  | 'given_name'
  | 'family_name'
  | 'locale'
  | 'zoneinfo'
  | 'phone_number'
  | (typeof ADDRESS_MEMBERS)[number]
  | 'groups'
  | 'password_hash'
type Row = { cip: string; name: string; email: string } & Partial<Record<Column, string>>

type Dependencies = {
  store: Store
  audit: AuditLog
  accounts: AccountsService
  now: () => number
  cipPattern: RegExp | undefined
}

const COLUMNS = ['cip', 'name', 'email'] as const
// A cost beyond 14 would hold a core for seconds at the person's first sign-in.
const BCRYPT = /^\$2[aby]\$(0[4-9]|1[0-4])\$[./A-Za-z0-9]{53}$/

/**
 * Throws `bad-request` when the text is no CSV or lacks the columns; faults of single rows are reported, and
 * the other rows go in.
 */
export async function importAccounts(
  csv: string,
  { store, audit, accounts, now, cipPattern }: Dependencies,
  actor: Actor,
  isDryRun: boolean,
): Promise<ImportLine[]> {
  const rows = readRows(csv)
  const seen = new Set<string>()
  const report: ImportLine[] = []
  for (const { row, line } of rows) {
    const cip = parseCip(row.cip, cipPattern)
    const fault = cip === undefined ? 'cip-invalid' : seen.has(cip) ? 'cip-twice' : await rowFault(row, cip)
    if (cip !== undefined) seen.add(cip)
    const result = fault ?? (isDryRun ? 'would-create' : await create(row, cip ?? ''))
    report.push({ line, cip: row.cip, result })
  }
  return report

  async function rowFault(row: Row, cip: string): Promise<ImportFault | undefined> {
    if ((row.password_hash ?? '') !== '' && !BCRYPT.test(row.password_hash ?? '')) return 'hash-invalid'
    if ((await store.accounts.findByCip(cip)) !== undefined) return 'cip-taken'
    const given = newProfile(profileOf(row))
    return given.ok ? undefined : given.fault
  }

  /**
   * With a hash the person keeps the password (accepted once, then stored our way); without one a temporary
   * password goes out by mail.
   */
  async function create(row: Row, cip: string): Promise<'created' | ImportFault> {
    const profile = profileOf(row)
    if ((row.password_hash ?? '') === '') {
      const created = await accounts.create({ cip, ...profile }, actor, 'mail')
      return created.ok ? 'created' : created.fault
    }
    const given = newProfile(profile)
    if (!given.ok) return given.fault
    const account = newAccountRow({
      cip,
      ...given.profile,
      passwordHash: row.password_hash ?? null,
      passwordSetAt: now(),
      createdAt: now(),
    })
    return store.transaction(async (tx) => {
      if (!(await tx.accounts.insert(account))) return 'cip-taken'
      const details = { epoch: account.credentialEpoch }
      await audit.record(tx, { event: 'password.imported', actor, account, details })
      return 'created'
    })
  }
}

/** Groups stand in one column, with semicolons between them. */
const profileOf = (row: Row) =>
  ({
    name: row.name,
    email: row.email,
    givenName: row.given_name,
    familyName: row.family_name,
    locale: row.locale as ProfileChanges['locale'], // looked at with the rest
    zoneinfo: row.zoneinfo,
    phoneNumber: row.phone_number,
    address: Object.fromEntries(ADDRESS_MEMBERS.map((member) => [member, row[member] ?? ''])),
    addGroups: (row.groups ?? '').split(';').filter((group) => group.trim() !== ''),
  }) satisfies ProfileChanges

/** Rows with the line each ends on. */
function readRows(csv: string): { row: Row; line: number }[] {
  let missing: string[] = [...COLUMNS]
  const columns = (names: string[]) => {
    const found = names.map((name) => name.trim().toLowerCase())
    missing = COLUMNS.filter((column) => !found.includes(column))
    return found
  }
  try {
    const records = parse(csv, {
      columns,
      info: true,
      skip_empty_lines: true,
      trim: true,
      bom: true,
    }) as unknown as {
      record: Row
      info: { lines: number }
    }[]
    if (missing.length > 0)
      throw new AppError('bad-request', 400, `the file lacks the column ${missing.join(', ')}`)
    return records.map(({ record, info }) => ({ row: record, line: info.lines }))
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause
    // Its own message may hold a piece of the file: a name, a hash.
    const what = cause.code.replace(/^CSV_/, '').replaceAll('_', ' ').toLowerCase()
    throw new AppError('bad-request', 400, `the file is no CSV: ${what}, line ${String(cause['lines'])}`, {
      cause,
    })
  }
}
