// Which of the two languages a person reads. Pure.

export type Language = 'fr-CA' | 'en'

/** The language of a tag such as `en-US`, if it is one of ours. */
export function languageOf(tag: unknown): Language | undefined {
  if (typeof tag !== 'string') return undefined
  const primary = tag.trim().toLowerCase().split('-')[0]
  if (primary === 'fr') return 'fr-CA'
  return primary === 'en' ? 'en' : undefined
}

/** The language of ours that an Accept-Language header (RFC 9110 §12.5.4) ranks highest. */
export function preferredLanguage(acceptLanguage: string | undefined): Language | undefined {
  const ranked = (acceptLanguage ?? '').split(',').map((range) => {
    const [tag, ...parameters] = range.split(';')
    const quality = parameters.find((parameter) => parameter.trim().startsWith('q='))
    return { language: languageOf(tag), quality: quality === undefined ? 1 : Number(quality.trim().slice(2)) }
  })
  const ours = ranked.filter(({ language, quality }) => language !== undefined && quality > 0)
  return ours.toSorted((a, b) => b.quality - a.quality)[0]?.language
}
