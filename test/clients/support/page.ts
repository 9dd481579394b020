// docs/relying-parties.md as its readers use it: under each heading the fenced blocks, in their order. Only
// what every reader replaces (two host names, the printed secret, file names) is replaced here.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../../src/config/package-root.js'

export const PAGE = readFileSync(join(packageRoot(), 'docs', 'relying-parties.md'), 'utf8')

export const EXAMPLES = join(packageRoot(), 'docs', 'examples')

type Block = { language: string; text: string }
export type Section = { title: string; blocks: Block[]; examples: string[] }

/** What stands for the page's own example in a test. */
export type Place = { issuer: string; application: string; secret?: string; folder?: string }

/** A heading of any level; its fenced blocks and the examples it links, up to the next heading. */
export const SECTIONS: Section[] = readSections(PAGE)

/** The blocks under a heading, handed out in order; `expectAllRun` fails for one that nobody took. */
export function openSection(title: string, place: () => Place) {
  const found = SECTIONS.find((section) => section.title === title)
  if (found === undefined) throw new Error(`the page has no heading «${title}»`)
  const left = [...found.blocks]
  return {
    take(language: string): string {
      const index = left.findIndex((block) => block.language === language)
      const [block] = index === -1 ? [] : left.splice(index, 1)
      if (block === undefined) throw new Error(`«${title}» has no further block of ${language}`)
      return inPlace(block.text, place())
    },

    /** A program that the section links instead of showing it. */
    example(name: string): string {
      if (!found.examples.includes(name)) throw new Error(`«${title}» does not link ${name}`)
      return inPlace(readFileSync(join(EXAMPLES, name), 'utf8'), place())
    },

    expectAllRun(): void {
      if (left.length > 0) throw new Error(`nobody ran: ${left.map(({ text }) => text).join('\n')}`)
    },
  }
}

/** Throws when the text still names a host of the example. */
function inPlace(text: string, { issuer, application, secret, folder }: Place): string {
  const replaced = [
    ['https://acces.exemple.ca', issuer],
    ['https://horaire.exemple.ca', application],
    [encoded('https://acces.exemple.ca'), encoded(issuer)],
    [encoded('https://horaire.exemple.ca'), encoded(application)],
    [encoded(encoded('https://horaire.exemple.ca')), encoded(encoded(application))],
    ['acces.exemple.ca', new URL(issuer).host],
    ['horaire.exemple.ca', new URL(application).host],
    ['http://localhost:4242', application],
    ['<client_secret>', secret],
    ['/etc/laissez-passer', folder],
    ['/etc/apache2', folder],
  ].reduce((result, [from = '', to = from]) => result.replaceAll(from, to), text)
  if (replaced.includes('exemple.ca')) throw new Error(`which host is meant? ${replaced}`)
  return replaced
}

const encoded = encodeURIComponent

function readSections(page: string): Section[] {
  const sections: Section[] = []
  let fence: Block | undefined
  for (const line of page.split('\n')) {
    const language = /^```(\w*)$/.exec(line)?.[1]
    if (fence !== undefined) {
      if (language === '') fence = undefined
      else fence.text += `${line}\n`
    } else if (language !== undefined) {
      fence = { language, text: '' }
      sections.at(-1)?.blocks.push(fence)
    } else {
      const title = /^#+ (.+)$/.exec(line)?.[1]
      if (title !== undefined) sections.push({ title, blocks: [], examples: [] })
      const linked = [...line.matchAll(/\]\(examples\/(.+?)\)/g)].map(([, name = '']) => name)
      sections.at(-1)?.examples.push(...linked)
    }
  }
  return sections
}
