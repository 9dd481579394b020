// The organisation's logo: a small SVG or PNG file, looked at once, at the start.

import { readFileSync, statSync } from 'node:fs'

export type Logo = { name: 'logo.svg' | 'logo.png'; content: Buffer }

/** It comes with every first page: a logo needs no more. */
const MOST_BYTES = 100_000
const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const DECLARATION = /^\uFEFF?\s*(?:<\?xml[^>]*\?>\s*)?/

/** A string says what is wrong with it, behind the setting's name. */
export function readLogo(path: string): Logo | string {
  let content: Buffer
  try {
    if (statSync(path).size > MOST_BYTES) return `must not be larger than ${MOST_BYTES / 1000} kB`
    content = readFileSync(path)
  } catch {
    return `names a file that cannot be read: ${path}`
  }
  if (content.subarray(0, PNG.length).equals(PNG)) return { name: 'logo.png', content }
  return isSvg(content.toString('utf8')) ? { name: 'logo.svg', content } : 'must be an SVG or a PNG file'
}

/** Behind a declaration and comments; a document type could name entities, and has no place in a logo. */
function isSvg(text: string): boolean {
  let rest = text.replace(DECLARATION, '')
  while (rest.startsWith('<!--')) {
    const end = rest.indexOf('-->')
    if (end < 0) return false
    rest = rest.slice(end + '-->'.length).trimStart()
  }
  return /^<svg[\s>]/.test(rest)
}
