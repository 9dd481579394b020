// Waits for what another process does. It is asked again and again; how long it takes is no test's truth, and
// the limit only ends a wait that would never end.

import { setTimeout as pause } from 'node:timers/promises'

export const PATIENCE_MS = 60_000
const PAUSE_MS = 30

export async function until(isSo: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error('it never came to be')
    await pause(PAUSE_MS)
  }
}
