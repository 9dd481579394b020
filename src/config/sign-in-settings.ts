// Settings of the sign-in itself: names and passwords, who may enrol, how long things last.

import { networks, oneOf, optional, pattern, wholeNumber } from './schemas.js'
import type { Setting } from './setting.js'

export const SIGN_IN_SETTINGS = {
  cipPattern: {
    variable: 'CIP_PATTERN',
    schema: pattern,
    example: '[a-z]{4}[0-9]{4}',
    description:
      'The hospital’s own form of a CIP, matched against the whole lower-case value. Without it: 2 to 32 of ' +
      'a-z 0-9 . _ -',
  },
  passwordMinLength: {
    variable: 'PASSWORD_MIN_LENGTH',
    schema: wholeNumber(8, 64),
    default: '14',
    description: 'The fewest characters of a new password.',
  },
  passwordMaxLength: {
    variable: 'PASSWORD_MAX_LENGTH',
    schema: wholeNumber(14, 64),
    default: '20',
    description: 'The most characters of a new password.',
  },
  bcryptCost: {
    variable: 'BCRYPT_COST',
    schema: wholeNumber(4, 16).describe('10 to 16'), // less is for tests
    default: '12',
    description: 'The work of a hash. Raising it re-hashes each password at its owner’s next sign-in.',
  },
  enrolment: {
    variable: 'ENROLMENT',
    schema: oneOf('open', 'activation-code', 'network'),
    default: 'open',
    description:
      'Who may enrol a first phone: open (CIP and password), activation-code (a code from another channel), ' +
      'network (inside ENROLMENT_NETWORKS; elsewhere with a code). After a reset a code is always needed.',
  },
  enrolmentNetworks: {
    variable: 'ENROLMENT_NETWORKS',
    schema: networks,
    default: '',
    example: '10.0.0.0/8,2001:db8::/32',
    description: 'Where a first phone is enrolled without a code, when ENROLMENT is network.',
  },
  accountSeals: {
    variable: 'ACCOUNT_SEALS',
    schema: oneOf('enforce', 'write'),
    default: 'enforce',
    description:
      'enforce: an account that was changed past this program is refused. write: seals are written, and what does ' +
      'not fit is told of only; for as long as a program of 0.2 runs beside.',
  },
  sharedNetworks: {
    variable: 'SHARED_NETWORKS',
    schema: networks,
    default: '',
    example: '10.0.0.0/8,2001:db8::/32',
    description:
      'The organisation’s own networks, whose computers many people share. Sign-ins from there have a share of ' +
      'the hashing of their own, which strangers cannot take when they flood the door; « Ordinateur partagé » ' +
      'is ticked there in advance.',
  },
  temporaryPasswordHours: {
    variable: 'TEMPORARY_PASSWORD_HOURS',
    schema: wholeNumber(1, 24 * 30),
    default: '72',
    description: 'How long a temporary password can be used.',
  },
  dormantDays: {
    variable: 'DORMANT_DAYS',
    schema: wholeNumber(1, 3650),
    default: '90',
    description: 'An account without a phone that nobody used for so long needs an activation code.',
  },
  auditRetentionDays: {
    variable: 'AUDIT_RETENTION_DAYS',
    schema: optional(wholeNumber(90, 36_500)),
    example: '1825',
    description:
      'How long the audit log keeps an event; what is older goes once a day, and an event of the log itself says ' +
      'so. Without it nothing goes by itself (`audit purge` does it by hand).',
  },
  interactionMinutes: {
    variable: 'INTERACTION_MINUTES',
    schema: wholeNumber(5, 60),
    default: '25',
    description: 'How long a sign-in may take; below SESSION_IDLE_MINUTES.',
  },
  sessionIdleMinutes: {
    variable: 'SESSION_IDLE_MINUTES',
    schema: wholeNumber(5, 60),
    default: '30',
    description: 'A session that nobody uses ends after so long.',
  },
  sessionMaxHours: {
    variable: 'SESSION_MAX_HOURS',
    schema: wholeNumber(1, 24),
    default: '12',
    description: 'A session ends after so long, used or not.',
  },
} as const satisfies Record<string, Setting>
