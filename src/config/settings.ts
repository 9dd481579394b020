// Every setting, once: from this table come the type of the configuration, its reader, .env.example and
// docs/settings.md (`npm run settings` writes both). The order is that of the pages.

import { ORGANISATION_SETTINGS } from './organisation-settings.js'
import {
  bearerToken,
  databaseUrl,
  hosts,
  issuer,
  kindsOf,
  masterKeys,
  oneOf,
  path,
  sender,
  smtpUrl,
  text,
  timeZone,
  wholeNumber,
} from './schemas.js'
import type { Setting } from './setting.js'
import { SIGN_IN_SETTINGS } from './sign-in-settings.js'

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
    description:
      'SQLite is for one machine, PostgreSQL for several. The folder of an SQLite file is for its owner alone ' +
      '(mode 700). A PostgreSQL on another machine wants ?sslmode=verify-full.',
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
    description:
      'How many of your own proxies stand in front. 0: X-Forwarded-* is ignored. Above 0 it is the proxy that must ' +
      'limit the connections of one address.',
  },
  drainSeconds: {
    variable: 'DRAIN_SECONDS',
    schema: wholeNumber(0, 300),
    default: '0',
    description:
      'How long, once it is told to stop (SIGTERM), /readyz answers 503 while requests are still served: twice ' +
      'the interval of your load balancer’s checks. 0 where nothing checks /readyz. Then requests under way have ' +
      '15 seconds.',
  },
  smtpUrl: {
    variable: 'SMTP_URL',
    schema: smtpUrl,
    example: 'smtp://localhost:25',
    isSecret: true,
    description:
      'The mail server; on another machine smtps://…, or smtp://…?requireTLS=true. Mails wait in the outbox while ' +
      'this is empty or the server is down.',
  },
  mailFrom: {
    variable: 'MAIL_FROM',
    schema: sender,
    default: 'Laissez-passer <ne-pas-repondre@localhost>',
    example: 'Laissez-passer <ne-pas-repondre@exemple.ca>',
    description: 'Who mails come from.',
  },
  allowPlaintext: {
    variable: 'ALLOW_PLAINTEXT',
    schema: kindsOf('mail', 'database'),
    default: '',
    example: 'mail',
    description:
      'What may go to another machine without TLS, against our advice: mails carry temporary passwords, the ' +
      'database hashes and personal data. Without it such an SMTP_URL or DATABASE_URL stops the start.',
  },
  ...ORGANISATION_SETTINGS,
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
  ...SIGN_IN_SETTINGS,
  internalHosts: {
    variable: 'INTERNAL_HOSTS',
    schema: hosts,
    default: '',
    example: 'paie.interne.exemple.ca:8443',
    description:
      'Hosts inside the organisation that the provider may call by itself: sign-out notices, a client’s ' +
      'jwks_uri. Private addresses that are not named here are refused.',
  },
  metricsToken: {
    variable: 'METRICS_TOKEN',
    schema: bearerToken,
    isSecret: true,
    description:
      'Who sends it (Authorization: Bearer …) gets /metrics, under any name of this machine; `openssl rand -hex ' +
      '32` makes one. Without it there is no /metrics.',
  },
  logLevel: {
    variable: 'LOG_LEVEL',
    schema: oneOf('trace', 'debug', 'info', 'warn', 'error', 'silent'),
    default: 'info',
    description: 'From which level on a line is logged.',
  },
} as const satisfies Record<string, Setting>
