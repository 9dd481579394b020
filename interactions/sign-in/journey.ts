// What comes next in a sign-in: one pure function of stored facts. No step is stored, so none can be skipped
// or stale.

export type SignInFacts = {
  passwordVerified: boolean
  enrolled: boolean
  secondFactorVerified: boolean
  mustChangePassword: boolean
  /** Binding a phone needs a code from another channel first, and none was given yet. */
  activationMissing: boolean
}

export type StepName = 'password' | 'one-time-code' | 'activation' | 'change-password' | 'enrol'

export function nextStep(facts: SignInFacts): StepName | 'done' {
  if (!facts.passwordVerified) return 'password'
  // Both before the change of password: an overheard temporary password alone then sets nothing.
  if (facts.enrolled && !facts.secondFactorVerified) return 'one-time-code'
  if (!facts.enrolled && facts.activationMissing) return 'activation'
  if (facts.mustChangePassword) return 'change-password'
  if (!facts.enrolled) return 'enrol'
  return 'done'
}
