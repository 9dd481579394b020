// The guides of docs/guides: what they call the things on the pages, and how they are printed on one sheet.

import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { marked } from 'marked'
import type { Config } from '../../src/config/config.js'
import { packageRoot } from '../../src/config/package-root.js'
import type { Locale } from '../../src/i18n.js'
import { createOrganisation } from '../../src/organisation/organisation.js'

export const GUIDES = {
  'fr-CA': { name: 'premier-acces', quotes: /«\u00a0([^»]*)\u00a0»/g, mark: 'fr' },
  'en': { name: 'first-access', quotes: /“([^”]*)”/g, mark: 'en' },
} as const satisfies Record<Locale, { name: string; quotes: RegExp; mark: string }>

export const guideFile = (locale: Locale, extension: 'md' | 'pdf'): string =>
  join('docs', 'guides', `${GUIDES[locale].name}.${extension}`)

export const readGuide = (locale: Locale): string =>
  readFileSync(join(packageRoot(), guideFile(locale, 'md')), 'utf8')

/** What a guide puts between quotation marks: the buttons, fields and titles of the pages, and nothing else. */
export function namesIn(locale: Locale): string[] {
  const prose = readGuide(locale).replaceAll(/\s*\n\s*/g, ' ')
  return [...new Set([...prose.matchAll(GUIDES[locale].quotes)].map(([, name = '']) => name))]
}

/** The guide as a page for paper, with the words of one organisation and the pictures of one folder. */
export function printedGuide(locale: Locale, config: Config, applicationUrl: string, root: string): string {
  const words: Record<string, string> = {
    APPLICATION_URL: `**${applicationUrl}**`,
    PASSWORD_MIN_LENGTH: String(config.passwordMinLength),
    PASSWORD_MAX_LENGTH: String(config.passwordMaxLength),
    SUPPORT_PHONES: phonesIn(locale, config),
  }
  const markdown = readGuide(locale).replaceAll(/\{([A-Z_]+)\}/g, (placeholder, name: string) => {
    const word = words[name]
    if (word === undefined) throw new Error(`${placeholder} is no word of a guide`)
    return word
  })
  const html = marked.parse(markdown, { async: false }).replaceAll(/src="([^"]+)"/g, (_all, path: string) => {
    const picture = readFileSync(join(root, dirname(guideFile(locale, 'md')), path))
    return `src="data:image/png;base64,${picture.toString('base64')}"`
  })
  return `<!doctype html><html lang="${locale}"><meta charset="utf-8"><style>${FOR_PAPER}</style>${html}</html>`
}

function phonesIn(locale: Locale, config: Config): string {
  const { lines } = createOrganisation(config).supportIn(locale, 0)
  return lines
    .map(({ label, number }) => {
      const colon = locale === 'en' ? ':' : '\u00a0:'
      return `- ${label}${colon} **${number.before}${number.shown}${number.after}**`
    })
    .join('\n')
}

const FOR_PAPER = `
  @page { size: Letter; margin: 11mm 14mm 9mm }
  body { margin: 0; font: 9.1pt/1.34 Inter, system-ui, sans-serif; color: #14202b }
  h1 { margin: 0 0 2mm; font-size: 17pt; color: #16283c }
  h2 { overflow: hidden; margin: 2.6mm 0 1mm; padding-bottom: .6mm; font-size: 11.5pt }
  h2, img { border: 0 solid #c5d0db; border-bottom-width: .3mm }
  h2:nth-last-child(2) { clear: both }
  p, ul, ol { margin: 1.2mm 0 } ul, ol { padding-left: 5mm } li { margin: .8mm 0 } a { color: inherit }
  p:has(> img) { float: right; clear: right; width: 68mm; margin: 1mm 0 1mm 6mm }
  img { display: block; box-sizing: border-box; max-width: 100%; border-width: .3mm; border-radius: 2mm }
  h2 + p > img { width: 46mm; margin-left: auto }
  ul:last-child { display: flex; gap: 9mm; padding: 0; list-style: none }
`
