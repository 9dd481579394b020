// Secrets that a phone may still hold although they open nothing: of the devices removed in the last thirty
// days, of the QR codes that led to nothing. A code of one of them is recognised and named. It is no guess,
// since it is never accepted: not even where a device that serves happens to show it too. Else whoever holds
// a dead secret could try its codes against the living ones, free of charge, for as long as they like.

import type { StoredBegunEnrolment } from '../../db/repositories/begun-enrolments.js'
import type { Repositories } from '../../db/store.js'
import type { Account } from '../accounts/accounts.js'
import type { KeyRing } from '../key-ring.js'
import { BEGUN_ENROLMENT_KEPT_MS, createBegunEnrolments, MOST_BEGUN_ENROLMENTS } from './begun-enrolments.js'
import type { SecondFactor } from './factors.js'
import { openReadable } from './open-readable.js'
import { REMOVED_FACTOR_KEPT_MS } from './totp-devices.js'
import { findStepNearby } from './totp.js'

type WithSecret = { secret: Buffer }

/** `mark`: what the entry bears in the authenticator. */
export type DeadSecrets = {
  removed: readonly (WithSecret & { name: string })[]
  earlier: readonly (WithSecret & { mark: string })[]
}

export function createDeadSecrets({ ring, now }: { ring: KeyRing; now: () => number }) {
  const begunEnrolments = createBegunEnrolments({ ring, now })

  const openDevice = ({ id, accountId, name, sealedSecret }: SecondFactor) => ({
    name,
    secret: ring.open('second-factor', `${accountId}/${id}`, sealedSecret),
  })

  /** `living`: a QR code that led to one of these devices is not dead. */
  function open(
    removed: readonly SecondFactor[],
    begun: readonly StoredBegunEnrolment[],
    living: readonly WithSecret[] = [],
  ): DeadSecrets {
    const isDead = ({ secret }: WithSecret) => !living.some((one) => one.secret.equals(secret))
    const devices = openReadable(
      removed.filter(({ kind }) => kind === 'totp'),
      openDevice,
    )
    const enrolments = openReadable(begun.slice(0, MOST_BEGUN_ENROLMENTS), (row) => begunEnrolments.open(row))
    return { removed: devices.filter(isDead), earlier: enrolments.filter(isDead) }
  }

  return {
    open,

    /** How far back they are looked for. */
    since: () => ({
      removedSince: now() - REMOVED_FACTOR_KEPT_MS,
      begunSince: now() - BEGUN_ENROLMENT_KEPT_MS,
    }),

    /** While `interaction` shows a QR code of its own. */
    async read(tx: Repositories, account: Account, interaction: string): Promise<DeadSecrets> {
      const removed = await tx.secondFactors.listRemovedSince(account.id, now() - REMOVED_FACTOR_KEPT_MS)
      return open(removed, await begunEnrolments.listEarlier(tx, account, interaction))
    },
  }
}

/** As widely as a refusal recognises one: what is recognised free of charge must never be accepted. */
export const isOfDeadSecret = ({ removed, earlier }: DeadSecrets, code: string, now: number): boolean =>
  [...removed, ...earlier].some(({ secret }) => findStepNearby(secret, code, now) !== undefined)
