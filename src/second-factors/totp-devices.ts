// The TOTP devices among an account's second factors, with their secrets: opened, and disabled when they must
// not be trusted any more.

import type { Repositories } from '../../db/store.js'
import type { Account } from '../accounts/accounts.js'
import type { Actor } from '../audit/actor.js'
import type { AuditEvent, AuditLog } from '../audit/audit-log.js'
import { AppError } from '../errors.js'
import { formatDateTime, formatNames } from '../i18n.js'
import type { KeyRing } from '../key-ring.js'
import type { Mailbox } from '../mail/mailbox.js'
import type { SecondFactor } from './factors.js'

export type TotpDevice = SecondFactor & { secret: Buffer }

/** So long a refusal can name the removed device that a code came from. */
export const REMOVED_FACTOR_KEPT_MS = 30 * 24 * 3_600_000

type Dependencies = {
  audit: AuditLog
  mailbox: Mailbox
  ring: KeyRing
  now: () => number
  timeZone: string
}

export function createTotpDevices({ audit, mailbox, ring, now, timeZone }: Dependencies) {
  /** Undefined when the seal does not open: the row was tampered with. */
  function open(factor: SecondFactor): TotpDevice | undefined {
    try {
      const secret = ring.open('second-factor', `${factor.accountId}/${factor.id}`, factor.sealedSecret)
      return { ...factor, secret }
    } catch (error) {
      if (error instanceof AppError && error.code === 'seal-broken') return undefined
      throw error
    }
  }

  /** Those that are not disabled yet: one mail to their owner, one audit event each. */
  async function disable(
    tx: Repositories,
    account: Account,
    devices: readonly SecondFactor[],
    actor: Actor,
    why: 'secret-unreadable' | 'too-many-wrong-codes',
  ): Promise<void> {
    const changed = await tx.secondFactors.disable(
      account.id,
      devices.map(({ id }) => id),
      now(),
    )
    const names = devices.filter(({ id }) => changed.includes(id)).map(({ name }) => name)
    if (names.length === 0) return
    await mailbox.post(tx, 'second-factor-disabled', account, (locale) => ({
      count: names.length,
      device: formatNames(names, locale),
      at: formatDateTime(now(), locale, timeZone),
      address: actor.clientAddress,
    }))
    const events = names.map((device): AuditEvent => ({
      event: 'second-factor.disabled',
      actor,
      account,
      details: { device, why },
    }))
    await audit.record(tx, ...events)
  }

  return {
    disable,

    /** Those whose codes serve; one that does not open is disabled, and the others go on serving. */
    async openServing(
      tx: Repositories,
      account: Account,
      factors: readonly SecondFactor[],
      actor: Actor,
    ): Promise<TotpDevice[]> {
      const opened = factors
        .filter(({ kind, disabledAt }) => kind === 'totp' && disabledAt === null)
        .map((factor) => ({ factor, device: open(factor) }))
      const unreadable = opened.filter(({ device }) => device === undefined).map(({ factor }) => factor)
      if (unreadable.length > 0) await disable(tx, account, unreadable, actor, 'secret-unreadable')
      return opened.flatMap(({ device }) => device ?? [])
    },
  }
}
