// The two text files against each other, against the sources that use them, and against the language they are
// written in.

import { describe, expect, test } from '@jest/globals'
import { IntlMessageFormat } from 'intl-messageformat'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../src/config/package-root.js'

type Text = { key: string; raw: string; placeholders: string[]; shown: string }
/** What getAst() gives, as far as it is read here. */
type Part = { type: number; value?: string; options?: Record<string, { value: Part[] }> }

const LITERAL = 0

const root = packageRoot()
const french = readTexts('fr-CA')
const english = readTexts('en')
const files = { 'fr-CA': french, 'en': english }
const sources = ['src', 'interactions'].flatMap(sourcesUnder)

// Keys put together from parts: the part stands in quotes wherever such a text is asked for.
const BUILT_KEYS: { starts: string; pattern: RegExp; builtIn: string }[] = [
  {
    starts: 'mail',
    pattern: /^mail\.(?<part>[a-z-]+)\.(?:subject|body)$/,
    builtIn: 'interactions/mails/content.ts',
  },
]

// Buttons that are not ours: Google Authenticator's, and those of the phone's settings.
const FOREIGN_BUTTONS: Record<keyof typeof files, string[]> = {
  'fr-CA': [
    'Commencer',
    'Scanner un code QR',
    'Saisir une clé de configuration',
    'automatique',
    'Réglage automatique',
    'Définir l’heure automatiquement',
  ],
  'en': [
    'Get started',
    'Scan a QR code',
    'Enter a setup key',
    'automatic',
    'Set Automatically',
    'Set time automatically',
  ],
}

const ENGLISH_WORDS =
  'the|of|to|your|you|my|is|are|was|and|with|this|that|please|click|password|sign|login|log|email|e-mail|mail|device|phone|account|browser|' +
  'cancel|submit|save|next|back|help|error|user|scan|token|2fa|mfa'
const FRENCH_WORDS =
  'le|les|des|une|et|est|vous|votre|vos|pour|avec|mot|passe|appareil|courriel|compte|téléphone|soutien|numéro'
const FAMILIAR_WORDS = 'tu|te|toi|ton|ta|tes|tien|tienne'

describe('the two files', () => {
  test('have the same keys, each once, sorted', () => {
    expect(english.map(({ key }) => key)).toEqual(french.map(({ key }) => key))
    for (const texts of Object.values(files))
      expect(texts.map(({ key }) => key)).toEqual([...new Set(texts.map(({ key }) => key))].toSorted())
  })

  test('have the same placeholders', () => {
    const placeholders = (texts: Text[]) =>
      Object.fromEntries(texts.map((text) => [text.key, text.placeholders]))
    expect(placeholders(english)).toEqual(placeholders(french))
  })

  test('hold no text that nobody shows', () => {
    expect(french.map(({ key }) => key).filter((key) => !isUsed(key))).toEqual([])
  })

  test('keys put together from parts are those known here', () => {
    const starts = new Set(french.map(({ key }) => key.split('.')[0]))
    const built = sources
      .flatMap(({ text }) => [...text.matchAll(/`([a-z-]+)\.[^`\n]*\$\{/g)].map(([, start]) => start))
      .filter((start) => starts.has(start))
    expect([...new Set(built)]).toEqual(BUILT_KEYS.map(({ starts: known }) => known))
  })
})

describe.each(['fr-CA', 'en'] as const)('%s', (locale) => {
  const texts = files[locale]

  test('every text is there, without stray spaces', () => {
    expect(keysWith(texts, /^$|^\s|\s$| {2}/)).toEqual([])
  })

  test('an apostrophe is ’ and quotation marks are typographic', () => {
    expect(keysWith(texts, /['"`]/, 'raw')).toEqual([])
    expect(keysWith(texts, /\.\.\./)).toEqual([])
  })

  test('an instruction names a button as the button is labelled', () => {
    const labels = new Set([...texts.map(({ shown }) => shown), ...FOREIGN_BUTTONS[locale]])
    const quotes = locale === 'en' ? /“([^”]*)”/g : /«\u00a0([^»]*)\u00a0»/g
    const named = texts.flatMap(({ key, shown }) =>
      [...shown.matchAll(quotes)].map(([, name = '']) => ({ key, name })),
    )
    expect(named.filter(({ name }) => !name.includes('{') && !labels.has(name))).toEqual([])
  })
})

describe('the French', () => {
  test('holds no English word', () => {
    expect(keysWith(french, anyWord(ENGLISH_WORDS))).toEqual([])
  })

  test('says vous', () => {
    expect(keysWith(french, anyWord(FAMILIAR_WORDS))).toEqual([])
  })

  test('has non-breaking spaces inside « » and before a colon', () => {
    expect(keysWith(french, /«(?!\u00a0)|(?<!\u00a0)»|[“”]/)).toEqual([])
    expect(keysWith(french, /(?<!\u00a0):(?!\d)/)).toEqual([])
  })

  test('has no space before ? ! ; nor before a comma or a full stop', () => {
    expect(keysWith(french, /[\s\u202f][?!;,.]/)).toEqual([])
  })

  test('has no other space than the ordinary and the non-breaking one', () => {
    expect(keysWith(french, /[^\S \u00a0\n]/)).toEqual([])
  })

  test('keeps a number and its unit together', () => {
    expect(keysWith(french, /(?:\d|\{\}) (?:%|\$|h|min|s)(?![\p{L}\d])/u)).toEqual([])
  })

  test('says « ne … pas » whole, and no word for one sex alone', () => {
    expect(keysWith(french, /(?<!\p{L})ne (?:peu|pouv|sau|os|cess)\p{L}* (?!pas|plus|jamais|rien)/u)).toEqual(
      [],
    )
    expect(keysWith(french, /(?<!\p{L})(?:dé)?connecté(?!\p{L})/u)).toEqual([])
  })

  test('names the application that shows the codes', () => {
    const onItsPages = french.filter(({ key }) => /^(?:activation|code|enrol|help)\./.test(key))
    expect(keysWith(onItsPages, /l’application/)).toEqual([])
  })

  test('has one word for the device on each page', () => {
    const pages = Map.groupBy(french, ({ key }) => key.split('.')[0] ?? '')
    const isMixed = (texts: Text[]) =>
      keysWith(texts, /téléphone/).length > 0 && keysWith(texts, /appareil mobile/).length > 0
    expect([...pages].filter(([, texts]) => isMixed(texts)).map(([page]) => page)).toEqual([])
  })
})

describe('the English', () => {
  test('holds no French word', () => {
    expect(keysWith(english, anyWord(FRENCH_WORDS))).toEqual([])
  })

  test('says Enter, and Deny, as Canadian English forms do', () => {
    expect(keysWith(english, /(?<!\p{L})(?:type (?:it|the|your)|refuse$|to reach$)/iu)).toEqual([])
  })

  test('has no space before punctuation, and no « »', () => {
    expect(keysWith(english, /[\s\u00a0\u202f][?!;:,.]|[«»]/)).toEqual([])
  })
})

function readTexts(locale: string): Text[] {
  const file = readFileSync(join(root, 'interactions/locales', `${locale}.json`), 'utf8')
  const entries = Object.entries(JSON.parse(file) as Record<string, string>)
  // JSON.parse keeps the last of two equal keys in silence.
  const keys = [...file.matchAll(/^\s*"([^"]+)":/gm)].map(([, key]) => key)
  if (keys.length !== entries.length) throw new Error(`${locale}.json holds a key twice`)
  return entries.map(([key, raw]) => {
    const parts = new IntlMessageFormat(raw, locale, undefined, { ignoreTag: true }).getAst() as Part[]
    return { key, raw, placeholders: [...new Set(namesIn(parts))].toSorted(), shown: shownOf(parts) }
  })
}

function namesIn(parts: Part[]): string[] {
  return parts.flatMap(({ type, value, options = {} }) => [
    ...(type === LITERAL || value === undefined ? [] : [value]),
    ...Object.values(options).flatMap((option) => namesIn(option.value)),
  ])
}

/** The words a person reads; a placeholder stays as {}, addresses on the web are left out. */
function shownOf(parts: Part[]): string {
  const words = parts.map(({ type, value, options }) => {
    if (options !== undefined)
      return Object.values(options)
        .map((option) => shownOf(option.value))
        .join(' / ')
    return type === LITERAL ? value : '{}'
  })
  return words.join('').replaceAll(/https?:\/\/\S+/g, '')
}

function sourcesUnder(folder: string): { path: string; text: string }[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path))
    .map((path) => ({ path: `${folder}/${path}`, text: readFileSync(join(root, folder, path), 'utf8') }))
}

function isUsed(key: string): boolean {
  for (const { pattern, builtIn } of BUILT_KEYS) {
    const part = pattern.exec(key)?.groups?.['part']
    if (part !== undefined)
      return isQuoted(
        part,
        sources.filter(({ path }) => path !== builtIn),
      )
  }
  return isQuoted(key, sources)
}

function isQuoted(word: string, among: { text: string }[]): boolean {
  return among.some(({ text }) => text.includes(`'${word}'`))
}

function keysWith(texts: Text[], pattern: RegExp, of: 'shown' | 'raw' = 'shown'): string[] {
  return texts.filter((text) => pattern.test(text[of])).map(({ key, raw }) => `${key}: ${raw}`)
}

function anyWord(words: string): RegExp {
  return new RegExp(`(?<![\\p{L}\\d’-])(?:${words})(?![\\p{L}\\d-])`, 'iu')
}
