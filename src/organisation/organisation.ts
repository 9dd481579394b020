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

export type SupportLine = {
  label: string
  /** The language of the label. */
  locale: Locale
  number: PhoneNumber
  /** «lundi au vendredi, 7 h à 21 h». */
  hours: string | undefined
  /** Undefined where no hours are known. */
  isOpen: boolean | undefined
}

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

    supportLines(locale: Locale, at: number): SupportLine[] {
      const isTranslated = locale === 'en' && settings.supportPhonesEn.length > 0
      return supportPhones.map((phone, index): SupportLine => {
        const { label, number } = (isTranslated ? settings.supportPhonesEn[index] : undefined) ?? phone
        const hours = hoursOf(phone, settings.supportHours)
        return {
          label,
          locale: isTranslated ? 'en' : settings.defaultLocale,
          number: parsePhone(number),
          hours: hours && formatOpeningHours(hours, locale),
          isOpen: hours && isOpenAt(hours, at, settings.timeZone),
        }
      })
    },
  }
}

const hoursOf = ({ label }: SupportPhone, all: readonly SupportHours[]): OpeningHours | undefined =>
  all.find((one) => one.label === undefined || isSameLabel(one.label, label))?.hours

/** However the apostrophe and the spaces were typed. */
export const isSameLabel = (one: string, other: string): boolean => plain(one) === plain(other)

const plain = (label: string): string =>
  label.normalize('NFC').toLowerCase().replaceAll('’', "'").replace(/\s+/g, ' ').trim()
