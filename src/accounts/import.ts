// Brings people in from a CSV file: cip, name, email, and optionally more about them and a bcrypt hash from
// the system before. Each row is reported. Whoever is there as the file says stays untouched, so that an
// import that was cut off is simply run again. A dry run checks everything and changes nothing.

import type { StoredAccount, StoredProfile } from '../../db/repositories/accounts.js'
import type { Store } from '../../db/store.js'
import type { Actor } from '../audit/actor.js'
import type { AuditEvent, AuditLog } from '../audit/audit-log.js'
import { newAccountRow } from './account-row.js'
import type { CreateFault } from './accounts.js'
import { parseCip } from './cip.js'
import { groupsOf } from './groups.js'
import { readRows, type ImportedRow, type RowFault } from './import-file.js'
import {
  ADDRESS_MEMBERS,
  changedProfile,
  newProfile,
  type ProfileChanges,
  type ProfileFault,
} from './profile.js'

export type ImportFault = CreateFault | RowFault | UpdateFault | 'hash-invalid' | 'cip-twice'
type UpdateFault = ProfileFault | 'account-gone'
export type ImportSuccess = 'created' | 'would-create' | 'updated' | 'would-update' | 'unchanged'
export type ImportLine = { line: number; cip: string; result: ImportSuccess | ImportFault }

export type ImportOptions = {
  isDryRun?: boolean
  /** People who are there otherwise than the file says are corrected, instead of refused. */
  isUpdate?: boolean
  /** Between two batches: what it waits for, others may use to write. */
  afterBatch?: (done: number, total: number) => Promise<void>
}

type Cells = Readonly<Record<string, string>>

type Dependencies = {
  store: Store
  audit: AuditLog
  profileUpdate: {
    update: (
      account: StoredAccount,
      changes: ProfileChanges,
      actor: Actor,
      reason: string,
    ) => Promise<{ ok: true } | { ok: false; fault: UpdateFault }>
  }
  now: () => number
  cipPattern: RegExp | undefined
}

/** Written at once: SQLite then syncs the disk a hundred times, not twenty thousand. */
const BATCH = 200
// A cost beyond 14 would hold a core for seconds at the person's first sign-in.
const BCRYPT = /^\$2[aby]\$(0[4-9]|1[0-4])\$[./A-Za-z0-9]{53}$/

/** Throws `bad-request` when the text lacks the columns; faults of single rows are reported. */
export async function importAccounts(
  csv: string,
  { store, audit, profileUpdate, now, cipPattern }: Dependencies,
  actor: Actor,
  { isDryRun = false, isUpdate = false, afterBatch }: ImportOptions = {},
): Promise<ImportLine[]> {
  const rows = readRows(csv)
  const seen = new Set<string>()
  const report: ImportLine[] = []
  for (let start = 0; start < rows.length; start += BATCH) {
    report.push(...(await bringIn(rows.slice(start, start + BATCH))))
    await afterBatch?.(report.length, rows.length)
  }
  return report

  async function bringIn(batch: ImportedRow[]): Promise<ImportLine[]> {
    const checked = batch.map((row) => ({ row, ...check(row) }))
    const cips = checked.flatMap((one) => ('cip' in one ? [one.cip] : []))
    const known = new Map((await store.accounts.listByCips(cips)).map((account) => [account.cip, account]))
    const decided: { row: ImportedRow; made: StoredAccount | ImportLine['result'] }[] = []
    for (const one of checked) {
      const account = 'cip' in one ? known.get(one.cip) : undefined
      const made =
        'fault' in one
          ? one.fault
          : account === undefined
            ? newcomer(one.cip, one.cells)
            : await meet(account, one.cells)
      decided.push({ row: one.row, made })
    }
    const newcomers = decided.flatMap(({ made }) => (typeof made === 'string' ? [] : [made]))
    const created = isDryRun ? new Set<string>() : await create(newcomers)
    const resultOf = ({ id }: StoredAccount) =>
      isDryRun ? 'would-create' : created.has(id) ? 'created' : 'cip-taken'
    return decided.map(({ row, made }) => ({
      line: row.line,
      cip: 'cells' in row ? (row.cells['cip'] ?? '') : '',
      result: typeof made === 'string' ? made : resultOf(made),
    }))
  }

  /** What the row alone, and those before it, tell. */
  function check(row: ImportedRow): { fault: ImportFault } | { cip: string; cells: Cells } {
    if ('fault' in row) return { fault: row.fault }
    const { cells } = row
    const cip = parseCip(cells['cip'] ?? '', cipPattern)
    if (cip === undefined) return { fault: 'cip-invalid' }
    if (seen.has(cip)) return { fault: 'cip-twice' }
    seen.add(cip)
    const hash = cells['password_hash'] ?? ''
    return hash === '' || BCRYPT.test(hash) ? { cip, cells } : { fault: 'hash-invalid' }
  }

  /** With a hash the person keeps the password: it is accepted once, then stored our way. */
  function newcomer(cip: string, cells: Cells): StoredAccount | ImportFault {
    const given = newProfile(profileOf(cells))
    if (!given.ok) return given.fault
    const passwordHash = cells['password_hash'] || null
    const passwordSetAt = passwordHash === null ? null : now()
    return newAccountRow({ cip, ...given.profile, passwordHash, passwordSetAt, createdAt: now() })
  }

  /** Somebody who is there. The password is theirs, whatever the file says, and so is the language. */
  async function meet(account: StoredAccount, cells: Cells): Promise<ImportLine['result']> {
    const { locale: _, ...said } = profileOf(cells)
    const changes = cells['groups'] === undefined ? said : { ...said, removeGroups: groupsOf(account) }
    const after = changedProfile(account, changes)
    const isChanged = after.ok && !isSame(account, after.profile)
    if (after.ok && !isChanged) return 'unchanged'
    if (!isUpdate) return 'cip-taken'
    if (!after.ok) return after.fault
    if (isDryRun) return 'would-update'
    const updated = await profileUpdate.update(account, changes, actor, actor.reason ?? '')
    return updated.ok ? 'updated' : updated.fault
  }

  /** All at once; returns the ids of those whose CIP nobody has taken meanwhile. */
  async function create(newcomers: StoredAccount[]): Promise<Set<string>> {
    if (newcomers.length === 0) return new Set()
    return store.transaction(async (tx) => {
      const inserted = new Set(await tx.accounts.insertAll(newcomers))
      const created = newcomers.filter(({ id }) => inserted.has(id))
      const withoutPassword = created.filter(({ passwordHash }) => passwordHash === null)
      await tx.pendingPasswords.insertAll(
        withoutPassword.map(({ id }) => id),
        now(),
      )
      await audit.record(tx, ...created.map((account) => eventOf(account, actor)))
      return inserted
    })
  }
}

function eventOf(account: StoredAccount, actor: Actor): AuditEvent {
  const epoch = account.credentialEpoch
  return account.passwordHash === null
    ? { event: 'account.created', actor, account, details: { delivered: 'mail', epoch } }
    : { event: 'password.imported', actor, account, details: { epoch } }
}

const isSame = (before: StoredProfile, after: StoredProfile): boolean =>
  (Object.keys(after) as (keyof StoredProfile)[]).every((member) => after[member] === before[member])

/** What the file's columns say; groups stand in one, with semicolons between them. */
const profileOf = (cells: Cells) =>
  ({
    name: cells['name'],
    email: cells['email'],
    givenName: cells['given_name'],
    familyName: cells['family_name'],
    locale: cells['locale'] as ProfileChanges['locale'], // looked at with the rest
    zoneinfo: cells['zoneinfo'],
    phoneNumber: cells['phone_number'],
    address: Object.fromEntries(
      ADDRESS_MEMBERS.filter((member) => cells[member] !== undefined).map((member) => [
        member,
        cells[member],
      ]),
    ),
    addGroups: cells['groups']?.split(';').filter((group) => group.trim() !== ''),
  }) satisfies ProfileChanges
