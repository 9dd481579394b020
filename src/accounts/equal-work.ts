// A comparison that costs what a hash of today's cost does, also with a hash that is stored at a lower one (it
// came by an import, or the cost has been raised): else the time of an answer would tell who has it (FLOW-7).

import bcrypt from 'bcrypt'

/**
 * The costs of the comparisons to make beside one with a hash of cost `stored`. Each step of cost doubles the
 * work, so that 2^stored + (2^stored + … + 2^(today − 1)) are exactly 2^today. Pure.
 */
export function missingCosts(stored: number, today: number): number[] {
  return Array.from({ length: Math.max(0, today - stored) }, (_, index) => stored + index)
}

export async function compareWithEqualWork(
  secret: string,
  bcryptHash: string,
  today: number,
): Promise<boolean> {
  const isRight = await bcrypt.compare(secret, bcryptHash)
  for (const cost of missingCosts(bcrypt.getRounds(bcryptHash), today))
    await bcrypt.compare(secret, dummyHash(cost))
  return isRight
}

/**
 * What an unknown CIP is compared with, so that the answer takes as long (FLOW-7): a salt of the same cost,
 * and in place of a hash one that nobody has computed. Making it costs nothing; comparing with it costs one
 * whole bcrypt.
 */
export function dummyHash(cost: number): string {
  return `${bcrypt.genSaltSync(cost)}${'.'.repeat(31)}`
}
