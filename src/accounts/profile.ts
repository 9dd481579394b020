// What is said about a person, and how it may change: the same rules for a new account, an import and an
// operator's correction. Pure.

import type { StoredProfile } from '../../db/repositories/accounts.js'
import { LOCALES, type Locale } from '../i18n.js'
import { changedGroups, groupsOf } from './groups.js'

/** The members of the claim `address` (OpenID Connect Core §5.1.1). */
export const ADDRESS_MEMBERS = [
  'formatted',
  'street_address',
  'locality',
  'region',
  'postal_code',
  'country',
] as const
export type Address = Partial<Record<(typeof ADDRESS_MEMBERS)[number], string>>

/** What is left out stays as it is; an empty text takes back what was known. */
export type ProfileChanges = {
  name?: string | undefined
  givenName?: string | undefined
  familyName?: string | undefined
  email?: string | undefined
  locale?: Locale | '' | undefined
  zoneinfo?: string | undefined
  phoneNumber?: string | undefined
  address?: Address | undefined
  addGroups?: readonly string[] | undefined
  removeGroups?: readonly string[] | undefined
}

export type ProfileFault =
  | 'address-invalid'
  | 'email-invalid'
  | 'family-name-invalid'
  | 'given-name-invalid'
  | 'group-invalid'
  | 'locale-invalid'
  | 'name-invalid'
  | 'phone-number-invalid'
  | 'zoneinfo-invalid'

/** As one greets: « Julie », also of « Gagnon, Julie ». */
export const firstNameOf = ({ givenName, name }: Pick<StoredProfile, 'givenName' | 'name'>): string =>
  givenName ?? name.split(',').at(-1)?.trim().split(/\s+/)[0] ?? name

const LONGEST_NAME = 100
const LONGEST_ADDRESS = 200
const EMAIL = /^[^\s@<>,;:"()[\]\\\p{C}]+@[^\s@<>,;:"()[\]\\\p{C}]+$/u
// What a person would dial, with an extension as RFC 3966 writes it.
const PHONE_NUMBER = /^[+(]?\d[\d ().-]{1,30}(;ext=\d{1,8})?$/

const NOTHING: StoredProfile = {
  name: '',
  givenName: null,
  familyName: null,
  email: '',
  locale: null,
  zoneinfo: null,
  phoneNumber: null,
  address: null,
  groups: null,
}

export type ChangedProfile = { ok: true; profile: StoredProfile } | { ok: false; fault: ProfileFault }

export const newProfile = (given: ProfileChanges): ChangedProfile => changedProfile(NOTHING, given)

/** The whole profile after the changes. Names are kept in one form (NFC). */
export function changedProfile(before: StoredProfile, changes: ProfileChanges): ChangedProfile {
  const text = (given: string | undefined, known: string | null) =>
    given === undefined ? known : given.normalize('NFC').trim() || null
  const { addGroups = [], removeGroups = [] } = changes
  const groups = changedGroups(groupsOf(before), { add: addGroups, remove: removeGroups })
  const profile: StoredProfile = {
    name: text(changes.name, before.name) ?? '',
    givenName: text(changes.givenName, before.givenName),
    familyName: text(changes.familyName, before.familyName),
    email: changes.email ?? before.email,
    locale: text(changes.locale, before.locale),
    zoneinfo: text(changes.zoneinfo, before.zoneinfo),
    phoneNumber: text(changes.phoneNumber, before.phoneNumber),
    address: changedAddress(before.address, changes.address),
    groups: groups ?? null,
  }
  const fault = groups === undefined ? 'group-invalid' : faultOf(profile, changes)
  return fault === undefined ? { ok: true, profile } : { ok: false, fault }
}

export const addressOf = ({ address }: { address: string | null }): Address | undefined =>
  address === null ? undefined : (JSON.parse(address) as Address)

function changedAddress(before: string | null, changes: Address = {}): string | null {
  const all: Address = { ...addressOf({ address: before }), ...changes }
  const kept = ADDRESS_MEMBERS.flatMap((member) => {
    const value = all[member]?.normalize('NFC').trim() ?? ''
    return value === '' ? [] : [[member, value] as const]
  })
  return kept.length === 0 ? null : JSON.stringify(Object.fromEntries(kept))
}

/** Only what is given is looked at: what an older program has stored stands in nobody's way. */
function faultOf(profile: StoredProfile, given: ProfileChanges): ProfileFault | undefined {
  const isLine = (text: string | null, longest: number) =>
    text === null || (text !== '' && [...text].length <= longest && !/[\p{C}\p{Zl}\p{Zp}]/u.test(text))
  const { email, locale, zoneinfo, phoneNumber } = profile
  const holds: Record<ProfileFault, boolean> = {
    'name-invalid': given.name === undefined || isLine(profile.name, LONGEST_NAME),
    'given-name-invalid': isLine(profile.givenName, LONGEST_NAME),
    'family-name-invalid': isLine(profile.familyName, LONGEST_NAME),
    'email-invalid': given.email === undefined || (email.length <= 254 && EMAIL.test(email)),
    'locale-invalid': locale === null || LOCALES.some((known) => known === locale),
    'zoneinfo-invalid': zoneinfo === null || isTimeZone(zoneinfo),
    'phone-number-invalid':
      given.phoneNumber === undefined || phoneNumber === null || PHONE_NUMBER.test(phoneNumber),
    'address-invalid': Object.values(addressOf(profile) ?? {}).every((line) =>
      isLine(line.replaceAll('\n', ' '), LONGEST_ADDRESS),
    ),
    'group-invalid': true,
  }
  return (Object.keys(holds) as ProfileFault[]).find((fault) => !holds[fault])
}

/** By its name in the tz database (OpenID Connect Core §5.1); an offset such as +05:00 is none. */
function isTimeZone(name: string): boolean {
  try {
    return /^[A-Z]/.test(name) && new Intl.DateTimeFormat('en', { timeZone: name }) instanceof Object
  } catch {
    return false
  }
}
