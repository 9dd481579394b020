// A program without a person, and the API that it calls.

import { expect, test } from '@jest/globals'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { useStage } from './support/stage.js'
import { workshop } from './support/tools.js'

type Service = { getToken: (settings: Record<string, string>) => Promise<string> }

const stage = useStage()

test('gets a token by its own credentials, good for one API and the scopes it may have', async () => {
  const section = stage.section('Programs and APIs')
  writeFileSync(join(stage.folder(), 'programs.yaml'), section.take('yaml'))
  await stage.run(section.take('sh'))
  const folder = workshop('node', { 'service.mjs': section.take('js'), 'api.mjs': section.take('js') })

  const api = `${stage.application()}/api`
  const settings = { issuer: stage.issuer(), api }
  const start = `import { createApi } from './api.mjs'
    createApi(${JSON.stringify(settings)}).listen(${stage.applicationPort()}, 'localhost')`
  await stage.start(process.execPath, ['--input-type=module', '--eval', start], { cwd: folder })

  const { getToken } = (await import(join(folder, 'service.mjs'))) as Service
  const program = { ...settings, clientId: 'rapports', clientSecret: stage.secret() }
  const call = (token: string) =>
    fetch(`${stage.application()}/shifts`, { headers: { Authorization: `Bearer ${token}` } })
  const token = await getToken({ ...program, scope: 'read' })
  const answer = await call(token)
  expect(await answer.json()).toEqual({ for: 'rapports' })
  expect((await call('nonsense')).status).toBe(401)
  expect((await call(await getToken({ ...program, scope: '' }))).status).toBe(403)

  await stage.run(section.take('sh'))
  const asked = section.take('sh')
  expect(JSON.parse(await stage.run(`TOKEN=${token}\n${asked}`))).toMatchObject({
    active: true,
    client_id: 'rapports',
    scope: 'read',
    aud: api,
  })
  expect(JSON.parse(await stage.run(`TOKEN=nonsense\n${asked}`))).toEqual({ active: false })
  section.expectAllRun()
})
