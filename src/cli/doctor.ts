// `doctor`: looks at everything a provider needs, one line for each, and changes nothing of it. A fault keeps
// people from signing in or loses what they did; a warning can wait until tomorrow.

import type { Command } from 'commander'
import type { Knex } from 'knex'
import { statSync } from 'node:fs'
import { durabilityFaults } from '../../db/connect.js'
import { exposedPaths } from '../../db/file-modes.js'
import { createStore, type Store } from '../../db/store.js'
import { listSealFaults } from '../accounts/account-seals.js'
import { createAuditLog } from '../audit/audit-log.js'
import { fitsLastEvent } from '../audit/verification.js'
import { readConfig, type Config } from '../config/config.js'
import { readTlsFiles } from '../config/tls-files.js'
import { createKeyRing } from '../key-ring.js'
import { AppError } from '../errors.js'
import { verifySmtp } from '../mail/transport.js'
import { masterKeyFault } from '../keys/master-keys.js'
import { contrastOn, darkAccentOf } from '../organisation/accent.js'
import { createSigningKeys, KEY_FAMILIES } from '../keys/signing-keys.js'
import { createClientCheck } from '../oidc/library/client-check.js'
import { createRegistration } from '../oidc/registration.js'
import { formatAt, isoAt, oneLine, type Answer, type Answering } from './output.js'
import { completeSettings, reachDatabase, refuseOldSchema, type Terminal } from './command-context.js'

type State = 'ok' | 'warning' | 'fault'
type Finding = { check: string; state: State; detail: string }
/** What a check found; what it throws is a fault. */
type Check = () => Promise<{ state: State; detail: string }>

const SMTP_LIMIT_MS = 3_000
const MOST_NAMED = 10
const OLD_MAIL_MS = 15 * 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const CERTIFICATE_DAYS = 30
/** One a day, and two hours for its making. */
const OLD_BACKUP_HOURS = 26

const ok = (detail: string) => ({ state: 'ok' as const, detail })
const warning = (detail: string) => ({ state: 'warning' as const, detail })
const fault = (detail: string) => ({ state: 'fault' as const, detail })

export function addDoctorCommand(doctor: Command, answering: Answering, terminal: Terminal): void {
  doctor.action(() => answering(async () => report(await examine(terminal))))
}

function report(findings: readonly Finding[]): Answer {
  const count = (state: State) => findings.filter((finding) => finding.state === state).length
  const [faults, warnings] = [count('fault'), count('warning')]
  const answer = {
    json: { faults, warnings, checks: findings },
    text: findings
      .map(({ check, state, detail }) => oneLine(`${state.padEnd(7)}  ${check}: ${detail}`))
      .join('\n'),
  }
  return faults === 0 ? { ok: true, ...answer } : { ok: false, fault: `faults: ${faults}`, ...answer }
}

async function examine(terminal: Terminal): Promise<Finding[]> {
  const findings: Finding[] = [await run('clock', async () => checkClock(terminal.now()))]
  let config: Config
  try {
    config = readConfig(completeSettings(terminal), terminal)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return [
      ...findings,
      ...error.message.split('\n').map((detail): Finding => ({ check: 'configuration', ...fault(detail) })),
    ]
  }
  findings.push({ check: 'configuration', ...enrolmentFinding(config) })
  findings.push(await run('certificate', async () => checkCertificate(config, terminal.now())))
  if (config.accentColour !== undefined)
    findings.push({ check: 'accent colour', ...accentFinding(config.accentColour, config.accentColourDark) })
  const mail = run('mail server', () => checkSmtp(config))
  findings.push(...(await examineDatabase(config, terminal.now)), await mail)
  return findings
}

async function examineDatabase(config: Config, now: () => number): Promise<Finding[]> {
  let db: Knex
  try {
    db = await reachDatabase(config.databaseUrl)
  } catch (error) {
    return [{ check: 'database', ...fault((error as Error).message) }]
  }
  try {
    const findings = [
      await run('database', () => checkDatabase(db, config)),
      await run('migrations', () => checkMigrations(db)),
    ]
    if (findings.some(({ state }) => state === 'fault')) return findings
    for (const [check, look] of databaseChecks(db, config, now)) findings.push(await run(check, look))
    return findings
  } finally {
    await db.destroy()
  }
}

async function run(check: string, look: Check): Promise<Finding> {
  try {
    return { check, ...(await look()) }
  } catch (error) {
    return { check, ...fault((error as Error).message) }
  }
}

const enrolmentFinding = ({ enrolment }: Config) =>
  enrolment === 'open'
    ? warning('ENROLMENT=open: whoever has a CIP and its password can enrol the first phone')
    : ok('complete')

function checkCertificate(config: Config, now: number) {
  const files = readTlsFiles(config)
  if (files === undefined) return ok('a proxy’s')
  const days = Math.floor((files.validUntil - now) / DAY_MS)
  const until = `valid until ${isoAt(files.validUntil)}`
  if (days < 0) return fault(`it was ${until}`)
  return days < CERTIFICATE_DAYS ? warning(`${until}, ${days} days more`) : ok(until)
}

/** What the settings let pass; one that cannot be read is a fault of theirs. */
function accentFinding(light: string, dark = darkAccentOf(light)) {
  const [onLight, onDark] = [contrastOn(light, 'light').toFixed(1), contrastOn(dark, 'dark').toFixed(1)]
  return ok(`${light} reads at ${onLight} : 1, in dark mode ${dark} at ${onDark} : 1 (WCAG AA)`)
}

/** A clock that stands before this program was built would revive codes and sessions that have ended. */
function checkClock(now: number) {
  const builtAt = statSync(import.meta.filename).mtimeMs
  const time = isoAt(now)
  return now < builtAt
    ? fault(`it shows ${time}, which is before this program was built (${isoAt(builtAt)})`)
    : ok(`it shows ${time}`)
}

async function checkDatabase(db: Knex, { databaseUrl }: Config) {
  const faults = [...(await durabilityFaults(db)), ...exposedPaths(databaseUrl)]
  return faults.length === 0 ? ok('reachable, durable and nobody else’s to read') : fault(faults.join('; '))
}

async function checkMigrations(db: Knex) {
  await refuseOldSchema(db)
  return ok('up to date')
}

async function checkSmtp({ smtpUrl }: Config) {
  if (smtpUrl === undefined) return warning('SMTP_URL is not set: mails wait in the outbox')
  try {
    await verifySmtp(smtpUrl, SMTP_LIMIT_MS)
    return ok('answers')
  } catch (error) {
    return warning(`it does not answer: ${(error as Error).message}`)
  }
}

/** A record that was stored before a rule was made goes on working, perhaps not as its owner thinks. */
async function checkClients(store: Store, { issuerUrl, internalHosts }: Config) {
  const check = createRegistration({ store, library: createClientCheck(issuerUrl), internalHosts })
  const clients = await store.clients.list()
  const faults: string[] = []
  for (const client of clients) {
    const checked = await check(JSON.parse(client.metadata) as Record<string, unknown>)
    if (!checked.ok) faults.push(`${client.clientId}: ${checked.fault}`)
  }
  return faults.length === 0
    ? ok(`${clients.length} registered`)
    : warning(faults.slice(0, MOST_NAMED).join('; '))
}

function databaseChecks(db: Knex, config: Config, now: () => number): [check: string, look: Check][] {
  const { masterKeys, timeZone, accountSeals } = config
  const store = createStore(db)
  const ring = createKeyRing(masterKeys)
  const signingKeys = createSigningKeys({ store, audit: createAuditLog({ ring, now }), ring, now })

  async function checkMasterKeys() {
    const wrong = await masterKeyFault({ store, ring })
    return wrong === undefined
      ? ok(`${ring.keyIds.length} in the ring, "${ring.writingKeyId}" writes`)
      : fault(wrong)
  }

  async function checkAccountSeals() {
    const faults = await listSealFaults({ store, ring })
    const some = faults.slice(0, MOST_NAMED).map(({ account, why }) => `${account.cip} (${why})`)
    const more = faults.length > MOST_NAMED ? ` and ${faults.length - MOST_NAMED} more` : ''
    const detail = `changed past this program: ${some.join(', ')}${more}; see \`account show\``
    if (accountSeals === 'enforce') return faults.length === 0 ? ok('all fit') : fault(`refused, ${detail}`)
    return warning(`ACCOUNT_SEALS=write refuses nobody${faults.length === 0 ? '; all fit' : `; ${detail}`}`)
  }

  async function checkSigningKeys() {
    await signingKeys.jwks() // throws for one that does not open
    const keys = await signingKeys.list()
    if (keys.length === 0) return warning('none yet: the first start makes them')
    const published = keys.filter(({ publishedUntil }) => publishedUntil === null || publishedUntil > now())
    const missing = KEY_FAMILIES.filter((family) => !published.some(({ algorithm }) => algorithm === family))
    return missing.length === 0
      ? ok(`${published.length} published`)
      : fault(`none published for ${missing.join(', ')}: a start makes it`)
  }

  async function checkOutbox() {
    const count = await store.outbox.countWaiting()
    const oldest = await store.outbox.oldestWaitingAt()
    const pending = await store.pendingPasswords.count()
    const later = pending === 0 ? '' : `; of ${pending} people the first password waits for its turn`
    if (oldest === undefined) return ok(`no mail waits${later}`)
    const detail = `${count} waiting, the oldest since ${formatAt(oldest, timeZone)}${later}`
    return now() - oldest > OLD_MAIL_MS ? warning(detail) : ok(detail)
  }

  async function checkAuditHead() {
    if ((await db('audit_head').where({ id: 1 }).first()) === undefined)
      return fault('its head is missing: nobody can sign in')
    const { sequence } = await store.auditEvents.readHead()
    return (await fitsLastEvent(store))
      ? ok(`head at event ${sequence}`)
      : fault('its head does not fit its last event: run `audit verify`')
  }

  async function checkBackup() {
    const last = await store.auditEvents.findLatest('backup.made')
    if (last === undefined) return warning('none was ever recorded: run `backup` every day')
    const hours = Math.floor((now() - last.occurredAt) / HOUR_MS)
    const detail = `the last one was made ${formatAt(last.occurredAt, timeZone)}`
    return hours < OLD_BACKUP_HOURS ? ok(detail) : warning(`${detail}, ${hours} hours ago`)
  }

  async function checkWritable() {
    await store.checkWritable(now())
    return ok('takes changes')
  }

  return [
    ['room to write', checkWritable],
    ['master keys', checkMasterKeys],
    ['account seals', checkAccountSeals],
    ['signing keys', checkSigningKeys],
    ['outbox', checkOutbox],
    ['audit log', checkAuditHead],
    ['backup', checkBackup],
    ['relying parties', () => checkClients(store, config)],
  ]
}
