// The style sheet and the small scripts, read once at start and served under an address that holds their
// digest: a browser may keep them for ever, and a new release is seen at once.

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Middleware } from 'koa'

const PICTURE_CSP = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"

export type Assets = { url: (name: string) => string; serve: Middleware }

/** Served below `path`: the files of the folder, and those an installation adds. */
export function loadAssets(
  folder: string,
  path: string,
  added: readonly { name: string; content: Buffer }[] = [],
): Assets {
  const files = new Map<string, Buffer>(
    readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]),
  )
  for (const { name, content } of added) files.set(name, content)
  const isForeignPicture = (name: string): boolean =>
    name.endsWith('.svg') && added.some((file) => file.name === name)
  const addresses = new Map(
    [...files].map(([name, content]) => [
      name,
      `${path}/${createHash('sha256').update(content).digest('hex').slice(0, 12)}/${name}`,
    ]),
  )
  const byAddress = new Map([...addresses].map(([name, address]) => [address, name]))
  return {
    url(name) {
      const address = addresses.get(name)
      if (address === undefined) throw new Error(`no asset ${name}`)
      return address
    },
    serve: async (ctx, next) => {
      const name = byAddress.get(ctx.path)
      if (name === undefined || (ctx.method !== 'GET' && ctx.method !== 'HEAD')) {
        await next()
        return
      }
      ctx.set('Cache-Control', 'public, max-age=31536000, immutable')
      // Somebody else's picture may hold a script: whoever opens its address by itself runs none.
      if (isForeignPicture(name)) ctx.set('Content-Security-Policy', PICTURE_CSP)
      ctx.type = name.slice(name.lastIndexOf('.'))
      ctx.body = files.get(name)
    },
  }
}
