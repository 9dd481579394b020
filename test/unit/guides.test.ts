// The guides “Premier accès” and “First access” call each thing as the pages do: a label that changes turns
// this red, and its guide is corrected and printed anew (`npm run guides`).

import { describe, expect, test } from '@jest/globals'
import { globSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Locale, MessageKey } from '../../src/i18n.js'
import { GUIDES, namesIn, readGuide } from '../support/guides.js'

const root = join(import.meta.dirname, '..', '..')

/** What a person meets on the way, and no guide may leave out. */
const ON_THE_WAY: MessageKey[] = [
  'field.cip',
  'field.password',
  'password.submit',
  'field.new-password',
  'field.new-password-confirmation',
  'new-password.submit',
  'enrol.title',
  'enrol.code',
  'enrol.device-name',
  'enrol.submit',
  'code.label',
  'code.submit',
  'enrol.phone-title',
  'enrol.open-authenticator',
  'enrol.cannot-scan',
]

describe.each(['fr-CA', 'en'] as const)('the guide in %s', (locale) => {
  const texts = textsOf(locale)

  test('names nothing that the pages do not name so', () => {
    expect(namesIn(locale).filter((name) => !labelsOf(locale).has(name))).toEqual([])
  })

  test('names every button and field on the way', () => {
    expect(
      ON_THE_WAY.map((key) => texts[key]).filter((text) => !namesIn(locale).includes(text ?? '')),
    ).toEqual([])
  })

  test('keeps French quotation marks and colons beside their words', () => {
    expect(readGuide(locale).match(/«(?!\u00a0)|(?<!\u00a0)»|[^\n]*\p{L} :.*/gu) ?? []).toEqual([])
  })
})

test('a picture in docs weighs at most 150 kB', () => {
  const pictures = globSync('docs/**/*.png', { cwd: root })
  expect(pictures.length).toBeGreaterThan(0)
  expect(pictures.filter((path) => statSync(join(root, path)).size > 150_000)).toEqual([])
})

function textsOf(locale: Locale): Record<string, string> {
  const texts: Record<string, string> = JSON.parse(
    readFileSync(join(root, 'interactions', 'locales', `${locale}.json`), 'utf8'),
  )
  return Object.fromEntries(Object.entries(texts).filter(([key]) => !key.startsWith('mail.')))
}

/** Whole texts, without the colon that may end them; and what texts themselves quote, such as “Get started”. */
function labelsOf(locale: Locale): Set<string> {
  const texts = Object.values(textsOf(locale))
  const quoted = texts.flatMap((text) =>
    [...text.matchAll(GUIDES[locale].quotes)].map(([, name = '']) => name),
  )
  return new Set([...texts.map((text) => text.replace(/\u00a0?:$/, '')), ...quoted])
}
