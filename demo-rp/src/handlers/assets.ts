// The files a page asks for. Read once, at the start.

import { readFileSync } from 'node:fs'
import { extname } from 'node:path'
import type { Context } from '../context.js'

export function asset(name: string): (ctx: Context) => void {
  const content = readFileSync(new URL(`../../assets/${name}`, import.meta.url), 'utf8')
  return (ctx) => {
    ctx.type = extname(name)
    ctx.set('Cache-Control', 'max-age=3600')
    ctx.body = content
  }
}
