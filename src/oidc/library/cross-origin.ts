// Which scripts of other origins may read what the protocol's endpoints answer. The library answers each
// origin that asks and checks the client's record later; here an origin that no record names gets no
// permission at all, not even to ask.

import type { Context, Middleware } from 'koa'

/** `publicPaths` hold nothing of anybody: discovery and keys. */
export function crossOrigin(
  publicPaths: readonly string[],
  isAllowed: (origin: string) => Promise<boolean>,
): Middleware {
  return async (ctx, next) => {
    await next()
    if (ctx.response.get('Access-Control-Allow-Origin') === '' || publicPaths.includes(ctx.path)) return
    const origin = ctx.get('Origin')
    if (origin === '' || !(await isAllowed(origin))) forbid(ctx)
  }
}

function forbid(ctx: Context): void {
  for (const name of Object.keys(ctx.response.headers))
    if (name.startsWith('access-control-')) ctx.remove(name)
}
