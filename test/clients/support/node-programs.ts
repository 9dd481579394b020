// The page's programs for Node, run as their readers run them: a process of their own.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Stage } from './stage.js'
import { workshop } from './tools.js'

/** Starts the program that exports `createApp`, with what it asks for. */
export async function startApp(stage: Stage, name: string, program: string): Promise<void> {
  // Inside node_modules, so that it finds the packages that are installed there.
  const folder = workshop('node')
  writeFileSync(join(folder, `${name}.mjs`), program)
  const settings = {
    issuer: stage.issuer(),
    clientId: 'horaire',
    clientSecret: stage.secret(),
    baseUrl: stage.application(),
    cookieSecret: 'a secret of the application alone, 32 bytes and more',
  }
  const start = `import { createApp } from './${name}.mjs'
    const app = await createApp(JSON.parse(process.env.SETTINGS))
    app.listen(${stage.applicationPort()}, 'localhost')`
  await stage.start(process.execPath, ['--input-type=module', '--eval', start], {
    cwd: folder,
    env: { SETTINGS: JSON.stringify(settings) },
  })
}
