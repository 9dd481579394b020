// An endpoint of the library that fails half-way has answered with a permission already: nobody may keep it.

import { expect, test } from '@jest/globals'
import Koa from 'koa'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { crossOrigin } from '../../../src/oidc/library/cross-origin.js'

test('what ends in a failure permits no origin', async () => {
  const app = new Koa()
  app.use(async (ctx, next) => {
    await next().catch(() => {
      ctx.status = 503
    })
  })
  app.use(crossOrigin({ isPublic: () => false, isAllowed: async () => true }))
  app.use((ctx) => {
    ctx.set('Access-Control-Allow-Origin', ctx.get('Origin'))
    if (ctx.path === '/fails') throw new Error('the database is away')
    ctx.status = 204
  })
  const server = app.listen(0, 'localhost')
  await once(server, 'listening')
  const ask = async (path: string) => {
    const url = `http://localhost:${(server.address() as AddressInfo).port}${path}`
    const { status, headers } = await fetch(url, { headers: { Origin: 'https://evil.example' } })
    return [status, headers.get('access-control-allow-origin')]
  }
  const answers = [await ask('/fails'), await ask('/works')]
  server.close()
  expect(answers).toEqual([
    [503, null],
    [204, 'https://evil.example'],
  ])
})
