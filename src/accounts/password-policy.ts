// What a new password must be: its length, and what it must not be or contain. Called when a password is set
// or changed, never at sign-in. There is no composition rule (NIST SP 800-63B-4 §3.1.1.2): any characters
// will do. Must never log or return the password, or any part of it.

export type PasswordFault =
  | 'too-short'
  | 'too-long'
  | 'on-blocklist'
  | 'contains-cip'
  | 'contains-name'
  | 'contains-organisation'
  | 'same-as-current' // needs the stored hash: found by the account service, not here
  | 'has-control-characters'

export type PasswordRules = {
  minLength: number
  maxLength: number
  /** As it is called in each language, and in short. */
  organisationNames: readonly string[]
  blocklist: ReadonlySet<string>
}
export type PasswordOwner = { cip: string; name: string }

/** What must not stand inside, folded; an entry of a list is enough. interactions/assets/new-password.js. */
export type OwnWords = { cip: string; name: string[]; organisation: string[] }

// Words an attacker of this very product tries first. A password is refused when, its digits and separators
// set aside, nothing but these is left (« Hopital-2026!! », « automne2026automne »); one of them inside a
// longer phrase is fine.
const CONTEXT_WORDS = words(`
  eespresso espresso logibec laissezpasser ciussse ciusss cisss chus chum chu paierh paie
  hopitaux hopital hospital sante health clinique clinic urgence travail horaire
  infirmieres infirmiere infirmiers infirmier medecin docteur nurse doctor
  motdepasse passe mdp password welcome bienvenue connexion courriel quebec canada
  printemps automne hiver ete spring summer autumn fall winter
  janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre
  january february march april may june july august september october november december
  lundi mardi mercredi jeudi vendredi samedi dimanche
  monday tuesday wednesday thursday friday saturday sunday
`)
const LINK_WORDS = words('mon ma mes my le la les de du the et and')
const ONLY_CONTEXT = onlyContext(CONTEXT_WORDS.join('|'), LINK_WORDS.join('|'))
const DATE_DIGITS = 8 // more digits than a full date are no longer a year or a date stuck to a word

// Words too ordinary to be a name on their own. The whole name of the organisation always counts.
const ORDINARY_IN_NAMES = new Set(words('des les van von der del dit mme'))
const ORDINARY_IN_ORGANISATIONS = new Set(
  words(`
  centre center sante health soins care service services social sociaux sociale
  integre universitaire university regional regionale general national institut institute
  clinique clinic reseau network agence saint sainte notre dame pour dans avec
  nord ouest north south east west demonstration demo exemple example
`),
)

/** Every reason to refuse the password, all at once; none when it is fine. */
export function passwordFaults(
  password: string,
  owner: PasswordOwner,
  rules: PasswordRules,
): PasswordFault[] {
  const normalised = normalisePassword(password)
  const length = Array.from(normalised).length // code points: `.length` counts an emoji twice
  const folded = fold(normalised)
  const own = ownWords(owner, rules.organisationNames)
  const isInside = (part: string): boolean => folded.includes(part)

  const checks: [PasswordFault, boolean][] = [
    ['too-short', length < rules.minLength],
    ['too-long', length > rules.maxLength],
    // Only what could be accepted: on a page of words that fit in two ways («ciussse·espresso») the search
    // would never end.
    ['on-blocklist', length <= rules.maxLength && isWellKnown(normalised, rules.blocklist)],
    ['contains-cip', containsCip(folded, own.cip)],
    ['contains-name', own.name.some(isInside)],
    ['contains-organisation', own.organisation.some(isInside)],
    // Also halves of surrogate pairs: as UTF-8 they would all become the same replacement character.
    ['has-control-characters', /[\p{Cc}\p{Cs}]/u.test(normalised)],
  ]
  return checks.filter(([, isFault]) => isFault).map(([fault]) => fault)
}

export const ownWords = ({ cip, name }: PasswordOwner, organisationNames: readonly string[]): OwnWords => ({
  cip: fold(cip),
  name: [...new Set(nameParts(name))],
  organisation: [...new Set(organisationNames.flatMap(organisationParts))],
})

/**
 * The form that is counted and hashed: NFC, so that « é » typed on any keyboard is the same. No trim, no case
 * fold.
 */
export function normalisePassword(password: string): string {
  return password.normalize('NFC')
}

/**
 * By whole string: an entry of the list written with other capitals, accents or separators is the same entry.
 */
function isWellKnown(password: string, blocklist: ReadonlySet<string>): boolean {
  const folded = fold(password)
  if (blocklist.has(folded) || blocklist.has(foldLetters(password))) return true
  const letters = folded.replace(/\d/g, '')
  return folded.length - letters.length <= DATE_DIGITS && ONLY_CONTEXT.test(letters)
}

/** A CIP of one or two signs is in half of all sentences: it counts when nothing else is there but digits. */
function containsCip(folded: string, cip: string): boolean {
  if (cip === '') return false
  if (cip.length >= 3) return folded.includes(cip)
  return folded.includes(cip) && /^\d*$/.test(folded.replaceAll(cip, ''))
}

function nameParts(name: string): string[] {
  return partsOf(name)
    .map(fold)
    .filter((part) => part.length >= 3 && !ORDINARY_IN_NAMES.has(part))
}

function organisationParts(organisation: string): string[] {
  const isSignificant = (part: string): boolean => {
    const folded = fold(part)
    if (ORDINARY_IN_ORGANISATIONS.has(folded)) return false
    const isAcronym = /^\p{Lu}{3}$/u.test(part) // « CHU »; a longer acronym is long enough anyway
    return folded.length >= 4 || isAcronym
  }
  return partsOf(organisation).filter(isSignificant).map(fold)
}

/** « Marie St-Pierre » → the whole, Marie, St-Pierre, St, Pierre. */
function partsOf(text: string): string[] {
  return [text, ...text.split(/\s+/), ...text.split(/[^\p{L}\p{M}\p{N}]+/u)]
}

/** Without case, accents and separators; all that is compared goes through here. */
function fold(text: string): string {
  return foldLetters(text).replace(/[^\p{L}\p{N}]/gu, '')
}

function foldLetters(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll('œ', 'oe')
    .replaceAll('æ', 'ae')
}

/** At least one word of the context, and nothing but those and link words. */
function onlyContext(context: string, links: string): RegExp {
  return new RegExp(`^(?:${links})*(?:${context})(?:${links}|${context})*$`)
}

function words(list: string): string[] {
  return list.trim().split(/\s+/)
}
