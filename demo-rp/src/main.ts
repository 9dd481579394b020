// Starts the demonstration eEspresso and stops it cleanly. The rest is in app.ts, so that tests need no
// process.

import { createDemoRp } from './app.js'
import { readConfig } from './config.js'
import { ProviderUnavailable } from './oidc/provider.js'

const result = readConfig(process.env)
if (!result.ok) {
  for (const problem of result.problems) console.error(`eEspresso cannot start: ${problem}`)
  process.exit(1)
}

const { config } = result
const app = createDemoRp(config)
// Of an error no more than this: what an openid-client error holds may be a token.
app.on('error', (error: Error) =>
  console.error(error instanceof ProviderUnavailable ? error.message : error.stack),
)

const server = app.listen(config.port, config.host, () =>
  console.log(`eEspresso (demonstration) on ${config.baseUrl}`),
)
server.on('error', (error) => {
  console.error(`eEspresso cannot listen on ${config.host}:${config.port}: ${error.message}`)
  process.exit(1)
})

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    server.close()
    server.closeIdleConnections()
  })
}
