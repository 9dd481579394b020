// Which scripts of other origins may read what the protocol's endpoints answer. The library answers each
// origin that asks and checks the client's record later; here an origin that no record names gets no
// permission at all, not even to ask.

import type { Context, Middleware } from 'koa'

type Dependencies = {
  /** Holds nothing of anybody: discovery and keys. */
  isPublic: (path: string) => boolean
  isAllowed: (origin: string) => Promise<boolean>
}

export function crossOrigin({ isPublic, isAllowed }: Dependencies): Middleware {
  return async (ctx, next) => {
    try {
      await next()
    } catch (error) {
      forbid(ctx) // whoever asks is not known yet
      throw error
    }
    // Only what the library has permitted is looked up. (Koa's own `get` says undefined, not '', without it.)
    if (!ctx.res.hasHeader('Access-Control-Allow-Origin') || isPublic(ctx.path)) return
    const origin = ctx.get('Origin')
    if (origin === '' || !(await isAllowed(origin))) forbid(ctx)
  }
}

function forbid(ctx: Context): void {
  for (const name of Object.keys(ctx.response.headers))
    if (name.startsWith('access-control-')) ctx.remove(name)
}
