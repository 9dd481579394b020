// Settings of what people read and see of the organisation, on every page and in every mail.

import { accentColour, article, nameOf, supportHours, supportPhones } from './organisation-schemas.js'
import { optional, path } from './schemas.js'
import type { Setting } from './setting.js'

export const ORGANISATION_SETTINGS = {
  organisationName: {
    variable: 'ORGANISATION_NAME',
    schema: nameOf(120),
    default: 'CIUSSS de démonstration',
    description:
      'What people see on every page and in every mail; above 60 characters it wants a short name beside it. No ' +
      'password may contain it, in either language or short.',
  },
  organisationNameEn: {
    variable: 'ORGANISATION_NAME_EN',
    schema: optional(nameOf(120)),
    example: 'Demonstration CIUSSS',
    description: 'The name in English, where there is one.',
  },
  organisationShortName: {
    variable: 'ORGANISATION_SHORT_NAME',
    schema: optional(nameOf(30)),
    example: 'CIUSSSE-CHUS',
    description:
      'The name where there is little room: phones, the entry in Google Authenticator, the beginning of a mail’s ' +
      'subject.',
  },
  organisationArticle: {
    variable: 'ORGANISATION_ARTICLE',
    schema: optional(article),
    example: 'de la',
    description:
      'What stands before ORGANISATION_NAME in French. Without it the name’s first word decides (du CIUSSS, de ' +
      'l’Hôpital, des Services …); a word nobody knows gets de.',
  },
  organisationLogo: {
    variable: 'ORGANISATION_LOGO',
    schema: path.describe('a path to an SVG or PNG file'),
    example: '/etc/laissez-passer/logo.svg',
    description:
      'The logo beside the name, on a white ground; 100 kB at most. It is read at the start, and no script in it ' +
      'runs.',
  },
  accentColour: {
    variable: 'ACCENT_COLOUR',
    schema: optional(accentColour('light')),
    example: '#095797',
    description:
      'The colour of buttons and links; the header and the tints follow from it. One that cannot be read (WCAG ' +
      'AA) stops the start. Without it, a deep blue.',
  },
  accentColourDark: {
    variable: 'ACCENT_COLOUR_DARK',
    schema: optional(accentColour('dark')),
    example: '#7db8ec',
    description: 'The same in dark mode, beside ACCENT_COLOUR. Without it, a lighter one is made of that.',
  },
  supportPhones: {
    variable: 'SUPPORT_PHONES',
    schema: supportPhones,
    default: 'De l’interne : poste 13232; Sherbrooke et environs : 819-829-3232; Sans frais : 1-833-829-3232',
    description:
      'The numbers at the foot of every page and mail. A whole number is a link that dials it; an extension is ' +
      'one in SHARED_NETWORKS alone.',
  },
  supportPhonesEn: {
    variable: 'SUPPORT_PHONES_EN',
    schema: supportPhones,
    default: '',
    example: 'Internal : extension 13232; Sherbrooke and area : 819-829-3232; Toll-free : 1-833-829-3232',
    description: 'The same lines in English, as many and in the same order.',
  },
  supportHours: {
    variable: 'SUPPORT_HOURS',
    schema: supportHours,
    default: '',
    example: 'lun-ven 07:00-21:00, sam-dim 08:00-16:00',
    description:
      'When they are answered, on the clocks of TIME_ZONE: lun mar mer jeu ven sam dim (or mon tue wed thu fri ' +
      'sat sun), one or a range, then the hours; 22:00-06:00 goes past midnight, 00:00-24:00 is all day. One text ' +
      'for all numbers, or «label : hours» for those of SUPPORT_PHONES that have any. Pages then say which number ' +
      'is closed right now. Holidays are not known.',
  },
} as const satisfies Record<string, Setting>
