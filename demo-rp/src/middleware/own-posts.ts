// A form is taken from our own pages only, against cross-site request forgery. Browsers always say where a
// form was posted from; a request that says nothing comes from a program, which holds nobody's cookies.

import type { Settings } from '../config.js'
import type { Context, Middleware } from '../context.js'

export function ownPostsOnly({ baseUrl }: Settings): Middleware {
  function isOwnPost(ctx: Context): boolean {
    const site = ctx.get('Sec-Fetch-Site')
    if (site !== '') return site === 'same-origin'
    const origin = ctx.get('Origin')
    return origin === '' || origin === baseUrl
  }

  return async (ctx, next) => {
    if (ctx.method === 'POST' && !isOwnPost(ctx)) ctx.throw(403)
    await next()
  }
}
