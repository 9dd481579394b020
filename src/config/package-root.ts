// Where the application lives on disk. Called by whoever reads a file that is not code (lists, texts,
// stylesheets): `tsc` copies no data to dist, so the same file must be found from `src` (tests) and from
// `dist/src` (running). Must never depend on the folder the process was started from.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The absolute path of the nearest folder above this file that holds a package.json. */
export function packageRoot(): string {
  let folder = import.meta.dirname
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder)
    if (parent === folder) throw new Error(`no package.json above ${import.meta.dirname}`)
    folder = parent
  }
  return folder
}

export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as {
    version: string
  }
  return version
}
