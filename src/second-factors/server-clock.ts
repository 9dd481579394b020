// What our own clock did wrong while it was ahead: a code used then takes its step in the future with it, and
// all codes before it are refused until that time has come. Mended on an operator's word alone: taken back by
// itself, a clock that is set back would let codes in again that were used before (OTP-12).

import type { Repositories } from '../../db/store.js'
import type { Account } from '../accounts/accounts.js'
import { mark } from '../rate-limits.js'
import { foretoldKey } from './one-time-codes.js'
import { isFarAhead, STEP_SECONDS, stepAt, TOLERATED_STEPS } from './totp.js'

/**
 * Takes last steps far in the future back to the present; returns the names of the devices. What somebody may
 * have seen of late stays used, and so does the step of the future, for when its time comes. Before the
 * attempts are touched: whoever verifies a code locks the devices first.
 */
export async function mendLastSteps(tx: Repositories, account: Account, now: number): Promise<string[]> {
  const latest = stepAt(now) + TOLERATED_STEPS
  const mended: string[] = []
  for (const device of await tx.secondFactors.listCurrent(account.id)) {
    const { id, name, lastStep } = device
    if (!isFarAhead(lastStep, now) || !(await tx.secondFactors.lowerStep(id, lastStep, latest))) continue
    const seconds = (lastStep + TOLERATED_STEPS + 1) * STEP_SECONDS - Math.floor(now / 1000)
    await mark(tx, foretoldKey(device, lastStep), now, seconds)
    mended.push(name)
  }
  return mended
}
