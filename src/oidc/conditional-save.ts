// A save that must not undo what another request has saved meanwhile. The library saves what it has read,
// whole; the adapter compares with what is stored, and writes, in one transaction.

import { AsyncLocalStorage } from 'node:async_hooks'
import type { AdapterPayload } from 'oidc-provider'

export type SaveCondition = { isStill: (stored: AdapterPayload) => boolean; isRefused: boolean }

const conditions = new AsyncLocalStorage<SaveCondition>()

/** Runs `save` under the condition; false when what is stored did not meet it, and nothing was written. */
export type SaveOnlyIf = (
  isStill: (stored: AdapterPayload) => boolean,
  save: () => Promise<unknown>,
) => Promise<boolean>

export const saveOnlyIf: SaveOnlyIf = async (isStill, save) => {
  const condition: SaveCondition = { isStill, isRefused: false }
  await conditions.run(condition, save)
  return !condition.isRefused
}

export const conditionOfSave = (): SaveCondition | undefined => conditions.getStore()
