// The style sheet and the small scripts, read once at start and served under an address that holds their
// digest: a browser may keep them for ever, and a new release is seen at once.

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Middleware } from 'koa'

export type Assets = { url: (name: string) => string; serve: Middleware }

/** Served below `path`. */
export function loadAssets(folder: string, path: string): Assets {
  const files = new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]))
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
      ctx.type = name.slice(name.lastIndexOf('.'))
      ctx.body = files.get(name)
    },
  }
}
