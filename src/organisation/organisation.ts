// Who runs this installation, as people read it: its name in each language, what stands before that name,
// and whom to call. Pure.

import type { Locale } from '../i18n.js'
import { ofOrganisation, type Article } from './article.js'
import { formatOpeningHours, isOpenAt, type OpeningHours } from './opening-hours.js'
import { parsePhone, type PhoneNumber } from './phone-number.js'

export type SupportPhone = { label: string; number: string }
/** Those of one line; without a label those of all. */
export type SupportHours = { label: string | undefined; hours: OpeningHours }

export type OrganisationSettings = {
  organisationName: string
  organisationNameEn: string | undefined
  organisationShortName: string | undefined
  organisationArticle: Article | undefined
  supportPhones: readonly SupportPhone[]
  supportPhonesEn: readonly SupportPhone[]
  supportHours: readonly SupportHours[]
  defaultLocale: Locale
  timeZone: string
}

/** «lundi au vendredi, 7 h à 21 h». */
export type Answered = { hours: string; isOpen: boolean }

export type SupportLine = {
  label: string
  /** The language of the label. */
  locale: Locale
  number: PhoneNumber
  /** Hours of its own. */
  answered: Answered | undefined
}

/** Either all lines have their hours together, or each has its own, or none. */
export type Support = { answered: Answered | undefined; lines: readonly SupportLine[] }

export type Organisation = ReturnType<typeof createOrganisation>

export function createOrganisation(settings: OrganisationSettings) {
  const { organisationName, organisationNameEn, organisationShortName, supportPhones } = settings
  const nameIn = (locale: Locale): string =>
    locale === 'en' ? (organisationNameEn ?? organisationName) : organisationName

  return {
    /** All that it is called: no password may contain one of them. */
    names: [organisationName, organisationNameEn, organisationShortName].filter((name) => name !== undefined),

    nameIn,

    /** For narrow places. */
    shortNameIn: (locale: Locale): string => organisationShortName ?? nameIn(locale),

    /** What mails begin their subject with; undefined where it would be the whole of it. */
    shortName: organisationShortName,

    /** The name as it follows a noun: «du CIUSSS de l’Estrie», "of CIUSSS de l’Estrie". */
    ofNameIn: (locale: Locale): string =>
      locale === 'en' ? `of ${nameIn('en')}` : ofOrganisation(organisationName, settings.organisationArticle),

    supportIn(locale: Locale, at: number): Support {
      const isTranslated = locale === 'en' && settings.supportPhonesEn.length > 0
      const answered = (isOf: (label: string | undefined) => boolean): Answered | undefined => {
        const hours = settings.supportHours.find(({ label }) => isOf(label))?.hours
        return (
          hours && {
            hours: formatOpeningHours(hours, locale),
            isOpen: isOpenAt(hours, at, settings.timeZone),
          }
        )
      }
      return {
        answered: answered((label) => label === undefined),
        lines: supportPhones.map((phone, index): SupportLine => {
          const { label, number } = (isTranslated ? settings.supportPhonesEn[index] : undefined) ?? phone
          return {
            label,
            locale: isTranslated ? 'en' : settings.defaultLocale,
            number: parsePhone(number),
            answered: answered((named) => named !== undefined && isSameLabel(named, phone.label)),
          }
        }),
      }
    },
  }
}

/** However the apostrophe and the spaces were typed. */
export const isSameLabel = (one: string, other: string): boolean => plain(one) === plain(other)

const plain = (label: string): string =>
  label.normalize('NFC').toLowerCase().replaceAll('’', "'").replace(/\s+/g, ' ').trim()
