// A clock that tests move. oidc-provider and jose read Date.now() themselves, so the offset goes there;
// nothing ever sleeps.

const realNow = Date.now.bind(Date)
let offset = 0
Date.now = () => realNow() + offset

export const clock = {
  now: (): number => Date.now(),
  advance(by: { seconds?: number; minutes?: number; hours?: number; days?: number }): void {
    const seconds =
      (by.seconds ?? 0) + (by.minutes ?? 0) * 60 + (by.hours ?? 0) * 3600 + (by.days ?? 0) * 86_400
    offset += Math.round(seconds * 1000)
  },
  /** To the start of the next time step, so that a code is new and a test never straddles two steps. */
  nextStep(): void {
    offset += 30_000 - (Date.now() % 30_000) + 1_000
  },
  reset(): void {
    offset = 0
  },
}
