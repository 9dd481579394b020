// .env.example and docs/settings.md, made from the table of settings. `npm run settings` writes them; a test
// says when they are out of date.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from './package-root.js'
import type { Setting } from './setting.js'
import { SETTINGS } from './settings.js'

const COLUMNS = 110
const settings = Object.values<Setting>(SETTINGS)

/** Each page by its path from the root. */
export const settingsPages = (): Record<string, string> => ({
  '.env.example': envExample(),
  'docs/settings.md': settingsPage(),
})

function envExample(): string {
  const head =
    'Laissez-passer: settings of `npm start`. Copy to .env. Any of them can be read from a file: ' +
    'NAME_FILE=/run/secrets/name. All of them in one table: docs/settings.md. Written by `npm run settings`.'
  const entries = settings.map((setting) =>
    [
      comment(setting.description),
      comment(`Form: ${formOf(setting).replaceAll('`', '')}`),
      assignment(setting),
    ].join('\n'),
  )
  return `${[comment(head), ...entries].join('\n\n')}\n`
}

/** What has to be given or has a default stands open; the rest waits behind a `#`. */
function assignment(setting: Setting): string {
  const { variable, default: fallback = '', example = fallback } = setting
  const isOpen = isRequired(setting) || fallback !== ''
  return `${isOpen ? '' : '#'}${variable}=${example}`
}

function settingsPage(): string {
  const rows = settings.map((setting) => {
    const { variable, default: fallback = '', isSecret = false, description } = setting
    const without = isRequired(setting) ? '**required**' : fallback === '' ? '–' : `\`${fallback}\``
    const meaning = isSecret ? `${description} *Secret.*` : description
    return `| \`${variable}\` | ${formOf(setting)} | ${without} | ${meaning} |`
  })
  return `# Settings

Written by \`npm run settings\` from [src/config/settings.ts](../src/config/settings.ts): change them there.

Settings come from the environment, completed by a file \`.env\` beside \`package.json\`; what the environment
says wins. \`NAME_FILE\` names a file that holds \`NAME\`, which is the better place for what is marked
*secret*. An empty value counts as not set; a relative path begins at the folder of \`package.json\`.
\`npm start\` and the commands list every fault at once and start with none: a name that is no setting is
one.

| setting | form | without it | what it is |
| --- | --- | --- | --- |
${rows.join('\n')}

\`DEBUG\` must not be set: libraries would print secrets.
`
}

const isRequired = ({ schema, default: fallback }: Setting): boolean => !schema.safeParse(fallback).success

const formOf = ({ schema }: Setting): string => schema.description ?? ''

function comment(paragraph: string): string {
  const lines = ['#']
  for (const word of paragraph.split(' ')) {
    const last = lines.at(-1) ?? ''
    if (last.length + 1 + word.length > COLUMNS) lines.push(`# ${word}`)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines.join('\n')
}

if (import.meta.main)
  for (const [path, content] of Object.entries(settingsPages()))
    writeFileSync(join(packageRoot(), path), content)
