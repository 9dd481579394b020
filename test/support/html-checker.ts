// What the Nu HTML checker (the W3C’s own, a Java program) says of pages as the server sent them. All of them
// go to one process: starting it costs more than checking hundreds of pages.

import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const require = createRequire(import.meta.url)
const CHECKER = require.resolve('vnu-jar/build/dist/vnu.jar')
/** Hundreds of pages may all have the same fault. */
const LONGEST_REPORT = 64 * 1024 * 1024

type Remark = { type: string; subType?: string; url: string; message: string; extract?: string }

/** One line a kind of fault, with the first page that has it: errors and warnings alike. */
export async function findMarkupFaults(pages: Map<string, string>): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'laissez-passer-html-'))
  try {
    const names = [...pages.keys()]
    await Promise.all(
      names.map((name, index) => writeFile(join(folder, `${index}.html`), pages.get(name) ?? '')),
    )
    const nameOf = (url: string) => names[Number.parseInt(url.slice(url.lastIndexOf('/') + 1), 10)]
    const first = new Map<string, string>()
    for (const { message, url, extract } of await remarks(folder))
      if (!first.has(message)) first.set(message, `${message} (${nameOf(url)}: ${extract?.trim()})`)
    return [...first.values()]
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Errors and warnings. What else the checker has to say is taste: a slash at the end of `<br/>`. */
async function remarks(folder: string): Promise<Remark[]> {
  const { stdout } = await promisify(execFile)(
    'java',
    ['-jar', CHECKER, '--stdout', '--exit-zero-always', '--format', 'json', folder],
    { maxBuffer: LONGEST_REPORT },
  )
  const report: { messages: Remark[] } = JSON.parse(stdout)
  return report.messages.filter(({ type, subType }) => type !== 'info' || subType === 'warning')
}
