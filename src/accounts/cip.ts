// The one place where what a person types becomes a CIP. Everything that looks an account up, throttles,
// audits or compares uses the value returned here, so that « ABC », « abc » and full-width « ＡＢＣ » are one
// account and one counter (a second spelling would otherwise open a second bucket of tries). Must never
// repair an input: a look-alike letter is refused, not guessed.

const CIP = /^[a-z0-9._-]{2,32}$/

/**
 * The canonical CIP, or undefined when the input is not one.
 * @param pattern the hospital's own form, which the whole canonical value must match
 */
export function parseCip(input: string, pattern?: RegExp): string | undefined {
  // NFKC comes first: it turns full-width letters into ASCII and the non-breaking space into one that trim
  // removes.
  const canonical = input.normalize('NFKC').trim().toLowerCase()
  if (!CIP.test(canonical)) return undefined
  if (pattern && !wholeOf(pattern).test(canonical)) return undefined
  return canonical
}

/**
 * An unanchored setting would accept anything that merely contains a CIP; `g` and `y` would remember the last
 * call.
 */
function wholeOf(pattern: RegExp): RegExp {
  return new RegExp(`^(?:${pattern.source})$`, pattern.flags.replace(/[gmy]/g, ''))
}
