// Sealed rows that nothing depends on: one whose key has left the ring, or that was tampered with, is passed
// over.

import { AppError } from '../errors.js'

export function openReadable<Row, Opened>(rows: readonly Row[], open: (row: Row) => Opened): Opened[] {
  return rows.flatMap((row) => {
    try {
      return [open(row)]
    } catch (error) {
      if (error instanceof AppError && ['seal-broken', 'key-unknown'].includes(error.code)) return []
      throw error
    }
  })
}
