// A machine that is busy for as long as a test says: no password is compared until then, and whoever comes
// stands in line.

import { jest } from '@jest/globals'
import bcrypt from 'bcrypt'
import type { Services } from '../../src/services.js'

/** More than are ever compared at once. */
const MOST_HASHES = 3

export function holdHashes({ hasher }: Pick<Services, 'hasher'>) {
  const compare = bcrypt.compare.bind(bcrypt)
  const compared: string[] = []
  let open = (): void => {}
  const gate = new Promise<void>((resolve) => {
    open = resolve
  })
  const spy = jest
    .spyOn(bcrypt, 'compare')
    .mockImplementation(async (password: string | Buffer, stored: string) => {
      compared.push(stored)
      await gate
      return compare(password, stored)
    })
  // They come first, whoever comes after.
  const before = Array.from({ length: MOST_HASHES }, () => hasher.verify('x', undefined))
  return {
    async release() {
      open()
      await Promise.all(before)
    },
    stop: () => spy.mockRestore(),
    /** What was compared with, in turn. */
    compared,
  }
}
