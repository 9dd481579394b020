// What of a telephone number can be dialled. A whole number is dialled from anywhere; an extension («poste
// 13232») from a telephone of the house alone, so that outside it is words. Pure.

export type PhoneNumber = {
  /** «poste », then the number as one reads it, then what follows it. */
  before: string
  shown: string
  after: string
  /** What a `tel:` address holds. */
  dialled: string
  /** Who can dial it. */
  isFor: 'everybody' | 'inside' | 'nobody'
}

const PARTS = /^(?<before>\D*?)(?<shown>\+?\(?\d(?:[\d\s().-]*\d)?)(?<after>.*)$/su
const LETTER = /\p{L}/u
/** Shorter ones are extensions, but for 211, 311, 811, 911 and their like. */
const FEWEST_DIGITS = 7

export function parsePhone(text: string): PhoneNumber {
  const { before = text, shown = '', after = '' } = PARTS.exec(text)?.groups ?? {}
  const dialled = shown.replace(/[^\d+]/g, '')
  return { before, shown, after, dialled, isFor: isForWhom(before, dialled, after) }
}

function isForWhom(before: string, dialled: string, after: string): PhoneNumber['isFor'] {
  if (LETTER.test(before)) return after.trim() === '' && dialled !== '' ? 'inside' : 'nobody'
  const isWhole = dialled.startsWith('+') || dialled.length >= FEWEST_DIGITS || /^[2-9]11$/.test(dialled)
  return isWhole ? 'everybody' : 'nobody'
}
