// The codes that phones show, looked for on all of an account's TOTP devices: verified, counted and used up
// inside the caller's transaction. Nothing in it throws for a refusal, so that what was counted stays
// counted.

import type { Repositories, Store } from '../../db/store.js'
import type { Account } from '../accounts/accounts.js'
import { personActor, type Actor } from '../audit/actor.js'
import type { AuditLog } from '../audit/audit-log.js'
import { createRefusalRecord } from '../audit/refusals.js'
import type { KeyRing } from '../key-ring.js'
import type { Mailbox } from '../mail/mailbox.js'
import {
  reachedCap,
  readCounts,
  reserveAttempt,
  secondsToWait,
  subjectAt,
  waitStarted,
  type AttemptKey,
} from '../rate-limits.js'
import { createDeadSecrets, isOfDeadSecret, type DeadSecrets } from './dead-secrets.js'
import { diagnose, type Diagnosis } from './diagnosis.js'
import type { Verified } from './factors.js'
import { createTotpDevices, type TotpDevice } from './totp-devices.js'
import { findStepNearby, matchStep, stepAt } from './totp.js'

export type CodeOutcome =
  | Verified
  | { ok: false; reason: 'waiting'; waitSeconds: number }
  | { ok: false; reason: 'wrong'; diagnosis: Diagnosis }
  /** The interaction ends: the password is asked for again, after the wait. */
  | { ok: false; reason: 'too-many'; waitSeconds: number }
  /** None of so many devices serves any more, until the help desk acts. */
  | { ok: false; reason: 'suspended'; devices: number }
  /** The account was changed since it was read: the sign-in starts over. */
  | { ok: false; reason: 'overtaken' }

/**
 * Who types the code: `signIn` names the sign-in (the same code again from the same one is a double click,
 * from another a replay), `browser` is the hash of a browser that is known for this account.
 */
export type CodeSource = { signIn: string; clientAddress: string; browser: string | undefined }

/**
 * A device that shows the code now, or a step before or after; `isForetold`: a refusal has named that step.
 */
type Match = { device: TotpDevice; step: number; isForetold: boolean }

type Dependencies = {
  store: Store
  audit: AuditLog
  mailbox: Mailbox
  ring: KeyRing
  now: () => number
  timeZone: string
}

export type OneTimeCodesService = ReturnType<typeof createOneTimeCodes>

export function createOneTimeCodes({ store, audit, mailbox, ring, now, timeZone }: Dependencies) {
  const totpDevices = createTotpDevices({ audit, mailbox, ring, now, timeZone })
  const deadSecrets = createDeadSecrets({ ring, now })
  const recordRefusal = createRefusalRecord({ audit, now })

  /** The wait that stands, and the devices that show the code. */
  async function look(
    tx: Repositories,
    devices: readonly TotpDevice[],
    code: string,
    wait: AttemptKey,
  ): Promise<{ waitSeconds: number; matches: Match[] }> {
    const shown = devices.flatMap((device) => {
      const step = matchStep(device.secret, code, now())
      return step === undefined ? [] : [{ device, step }]
    })
    const keys = shown.map(({ device, step }) => foretoldKey(device, step))
    const [standing, ...foretold] = await readCounts(tx, [wait, ...keys], now())
    return {
      waitSeconds: standing?.waitSeconds ?? 0,
      matches: shown.map((one, index) => ({ ...one, isForetold: (foretold[index]?.failures ?? 0) > 0 })),
    }
  }

  /**
   * A code of a device of this account, if not of this moment, is recognised and costs nothing, and so does
   * one whose secret is dead. Any other is a guess: it counts once, and weighs as much as there were devices
   * to hit.
   */
  async function refuse(
    tx: Repositories,
    account: Account,
    code: string,
    { devices, dead }: { devices: readonly TotpDevice[]; dead: DeadSecrets },
    { actor, wait }: { actor: Actor; wait: AttemptKey },
  ): Promise<CodeOutcome> {
    const at = now()
    const diagnosis = diagnose(code, at, devices, dead.removed, dead.earlier)
    const owners = devices.flatMap((device) => {
      const step = findStepNearby(device.secret, code, at)
      return step === undefined ? [] : [{ device, step }]
    })
    const isDead = isOfDeadSecret(dead, code, at)
    const told = owners.filter(({ step }) => isDead || step > stepAt(at))
    const foretold = told.map(({ device, step }) => foretoldKey(device, step))
    await reserveAttempt(tx, foretold, at)

    const points = devices.length
    const guess = [
      wait,
      { ...pointsKey(account), points },
      { ...pointsOfYearKey(account), points },
      inARowKey(account),
    ]
    const counted = await reserveAttempt(tx, diagnosis.kind === 'unknown' ? guess : [], at)
    if (!counted.ok) return { ok: false, reason: 'waiting', waitSeconds: counted.waitSeconds }
    const isCapped = reachedCap(counted.reserved)
    if (isCapped) await totpDevices.disable(tx, account, devices, actor, 'too-many-wrong-codes')
    const named = owners.length > 0 ? owners.map(({ device }) => device) : devices
    await audit.record(tx, {
      event: 'one-time-code.refused',
      outcome: 'refused',
      actor,
      account,
      details: { device: named.map(({ name }) => name).join(', '), why: diagnosis.kind },
    })
    if (isCapped) return { ok: false, reason: 'suspended', devices: devices.length }
    const waitSeconds = waitStarted(counted.reserved, at)
    return waitSeconds > 0
      ? { ok: false, reason: 'too-many', waitSeconds }
      : { ok: false, reason: 'wrong', diagnosis }
  }

  return {
    /** `browser`: the hash of one that is known for this account. */
    waitForCode: (account: Account, browser: string | undefined): Promise<number> =>
      secondsToWait(store, [waitKey(account, browser)], now()),

    /** `code` is six digits. */
    async verify(
      tx: Repositories,
      account: Account,
      code: string,
      { signIn, clientAddress, browser }: CodeSource,
    ): Promise<CodeOutcome> {
      const actor = personActor(account, clientAddress)
      // Everybody who verifies for this account stands in line here: of a burst none is looked at before the
      // one ahead is counted, and an earlier click of the same person has finished and shows.
      const epoch = account.credentialEpoch
      const origins = await tx.secondFactors.lockOrigins(account.id, epoch, deadSecrets.since())
      const factors = origins.current
      if (factors.length === 0) return { ok: false, reason: 'overtaken' }
      const devices = await totpDevices.openServing(tx, account, factors, actor)
      if (devices.length === 0)
        return {
          ok: false,
          reason: 'suspended',
          devices: factors.filter(({ kind }) => kind === 'totp').length,
        }

      const wait = waitKey(account, browser)
      const { waitSeconds, matches } = await look(tx, devices, code, wait)
      if (waitSeconds > 0) {
        await recordRefusal(tx, { actor, account }, wait, waitSeconds)
        return { ok: false, reason: 'waiting', waitSeconds }
      }

      const at = now()
      const dead = deadSecrets.open(origins.removed, origins.begun, devices)
      const isDead = isOfDeadSecret(dead, code, at)
      for (const { device, step, isForetold } of matches) {
        if (isDead || isForetold || !(await tx.secondFactors.useStep(device.id, step, signIn, at))) continue
        const details = { device: device.name }
        return {
          ok: true,
          verifiedAt: at,
          // Not the points: the owner's own successes must not refill what a thief may try.
          forgets: [wait, inARowKey(account)],
          events: [{ event: 'one-time-code.verified', actor, account, details }],
        }
      }
      const isDoubleClick = ({ device, step }: Match) =>
        device.lastStep === step && device.verifiedBy === signIn
      const before = matches.find(isDoubleClick)?.device
      if (before !== undefined)
        return { ok: true, verifiedAt: before.verifiedAt ?? at, forgets: [], events: [] }

      // A step that was foretold is as good as used, and so is one whose code a dead secret shows too.
      const judged = devices.map((device) => {
        const used = matches.find((match) => match.device === device && (isDead || match.isForetold))
        return used === undefined ? device : { ...device, lastStep: used.step }
      })
      return refuse(tx, account, code, { devices: judged, dead }, { actor, wait })
    },
  }
}

/** A browser that has signed in to this account waits for its own failures only. */
const waitKey = ({ id }: Account, browser: string | undefined): AttemptKey => ({
  limit: 'code-account',
  subject: browser === undefined ? id : subjectAt(id, browser),
})

const inARowKey = ({ id }: Account): AttemptKey => ({ limit: 'codes-in-a-row', subject: id })

const pointsKey = ({ id }: Account): AttemptKey => ({ limit: 'code-points-in-30-days', subject: id })

/** Not forgotten with the devices: a new password begins another year. */
export const pointsOfYearKey = ({ id }: Account): AttemptKey => ({
  limit: 'code-points-in-a-year',
  subject: id,
})

/**
 * «Your phone is five minutes ahead» tells a thief which code will be right in five minutes: that one must
 * not serve then.
 */
export const foretoldKey = ({ id }: { id: string }, step: number): AttemptKey => ({
  limit: 'code-foretold',
  subject: `${id}:${step}`,
})
