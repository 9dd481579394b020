// Every setting, once: from this table come the type of the configuration, its reader, .env.example and
// docs/settings.md (`npm run settings` writes both). The order is that of the pages.

import type { z } from 'zod'
import {
  databaseUrl,
  hosts,
  issuer,
  masterKeys,
  networks,
  oneOf,
  organisationName,
  path,
  pattern,
  smtpUrl,
  supportPhones,
  text,
  timeZone,
  wholeNumber,
} from './schemas.js'

export type Setting = {
  /** Where its text comes from; `<variable>_FILE` may name a file that holds it. */
  variable: string
  /** From the text, or from undefined, to the value. What it refuses is said behind the variable's name. */
  schema: z.ZodType<unknown, string | undefined>
  /** The text that counts where none is given. */
  default?: string
  /** What .env.example shows instead. */
  example?: string
  isSecret?: true
  /** For the operator: what it is, and why one would change it. Plain text, one paragraph. */
  description: string
}

export const SETTINGS = {
  issuerUrl: {
    variable: 'ISSUER_URL',
    schema: issuer,
    example: 'https://connexion.exemple.ca',
    description:
      'The address people and applications use; https, except on localhost. No path, no final slash.',
  },
  host: {
    variable: 'HOST',
    schema: text,
    default: 'localhost',
    description: 'The name or address to listen on. Behind a proxy on the same machine, keep localhost.',
  },
  port: {
    variable: 'PORT',
    schema: wholeNumber(0, 65_535),
    default: '3000',
    description: 'The port to listen on; 0 takes any that is free.',
  },
  databaseUrl: {
    variable: 'DATABASE_URL',
    schema: databaseUrl,
    default: 'sqlite:data/laissez-passer.db',
    isSecret: true,
    description: 'SQLite is for one machine, PostgreSQL for several.',
  },
  masterKeys: {
    variable: 'MASTER_KEYS',
    schema: masterKeys,
    isSecret: true,
    description:
      'The first one writes, the others still read. `npm run --silent cli -- keys generate` makes one. Never in ' +
      'the database, never in its backups.',
  },
  tlsCertFile: {
    variable: 'TLS_CERT_FILE',
    schema: path,
    example: '/etc/laissez-passer/tls.crt',
    description: 'TLS by the process itself, when no proxy does it: the certificate. Read again at SIGHUP.',
  },
  tlsKeyFile: {
    variable: 'TLS_KEY_FILE',
    schema: path,
    example: '/etc/laissez-passer/tls.key',
    description: 'The private key of that certificate.',
  },
  trustedProxyHops: {
    variable: 'TRUSTED_PROXY_HOPS',
    schema: wholeNumber(0, 10),
    default: '0',
    description: 'How many of your own proxies stand in front. 0: X-Forwarded-* is ignored.',
  },
  smtpUrl: {
    variable: 'SMTP_URL',
    schema: smtpUrl,
    example: 'smtp://localhost:25',
    isSecret: true,
    description: 'The mail server. Mails wait in the outbox while this is empty or the server is down.',
  },
  mailFrom: {
    variable: 'MAIL_FROM',
    schema: text,
    default: 'Laissez-passer <ne-pas-repondre@localhost>',
    example: 'Laissez-passer <ne-pas-repondre@exemple.ca>',
    description: 'Who mails come from.',
  },
  organisationName: {
    variable: 'ORGANISATION_NAME',
    schema: organisationName,
    default: 'CIUSSS de démonstration',
    description: 'What people see on every page and in every mail. No password may contain it.',
  },
  supportPhones: {
    variable: 'SUPPORT_PHONES',
    schema: supportPhones,
    default: 'De l’interne : poste 13232; Sherbrooke et environs : 819-829-3232; Sans frais : 1-833-829-3232',
    description: 'The numbers at the foot of every page and mail.',
  },
  defaultLocale: {
    variable: 'DEFAULT_LOCALE',
    schema: oneOf('fr-CA', 'en'),
    default: 'fr-CA',
    description: 'The language of whoever has not chosen one.',
  },
  timeZone: {
    variable: 'TIME_ZONE',
    schema: timeZone,
    default: 'America/Toronto',
    description: 'Whose clocks the pages, the mails and the commands show.',
  },
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
  sharedNetworks: {
    variable: 'SHARED_NETWORKS',
    schema: networks,
    default: '',
    example: '10.0.0.0/8,2001:db8::/32',
    description:
      'The organisation’s own networks, whose computers many people share. Sign-ins from there have a share of ' +
      'the hashing of their own, which strangers cannot take when they flood the door.',
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
  internalHosts: {
    variable: 'INTERNAL_HOSTS',
    schema: hosts,
    default: '',
    example: 'paie.interne.exemple.ca:8443',
    description:
      'Hosts inside the organisation that the provider may call by itself: sign-out notices, a client’s ' +
      'jwks_uri. Private addresses that are not named here are refused.',
  },
  logLevel: {
    variable: 'LOG_LEVEL',
    schema: oneOf('trace', 'debug', 'info', 'warn', 'error', 'silent'),
    default: 'info',
    description: 'From which level on a line is logged.',
  },
} as const satisfies Record<string, Setting>
