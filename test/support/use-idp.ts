// A provider for all tests of a file, at its top: `const idp = await useIdp()`. It stops with the file. A
// fault that nobody has asked for fails the test during which it was logged.

import { afterAll, afterEach, expect } from '@jest/globals'
import { startIdp, type Idp, type IdpOptions } from './idp.js'
import { unexpectedFailures } from './situations.js'

type Options = IdpOptions & {
  /** What the log may say of faults that tests of this file bring about. */
  expectedFailure?: string
}

export async function useIdp({ expectedFailure, ...options }: Options = {}): Promise<Idp> {
  const idp = await startIdp(options)
  let read = 0
  const newFailures = (): string[] => {
    const logLines = idp.logLines.slice(read)
    read = idp.logLines.length
    return unexpectedFailures({ logLines }).filter(
      (line) => expectedFailure === undefined || !line.includes(expectedFailure),
    )
  }
  afterEach(() => expect(newFailures()).toEqual([]))
  afterAll(async () => {
    await idp.stop()
    expect(newFailures()).toEqual([])
  })
  return idp
}
