// Which of the two languages a tag names. Pure.

export type Language = 'fr-CA' | 'en'

/** The language of a tag such as `en-US`, if it is one of ours. */
export function languageOf(tag: unknown): Language | undefined {
  if (typeof tag !== 'string') return undefined
  const primary = tag.trim().toLowerCase().split('-')[0]
  if (primary === 'fr') return 'fr-CA'
  return primary === 'en' ? 'en' : undefined
}
