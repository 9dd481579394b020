// Starts the demonstration eEspresso, stops it cleanly. Everything else is in server.ts, so that tests need no process.

import { readConfig } from './config.js'
import { createDemoRp } from './server.js'

const result = readConfig(process.env)
if (!result.ok) {
  for (const problem of result.problems) console.error(`eEspresso cannot start: ${problem}`)
  process.exit(1)
}

const { config } = result
const server = createDemoRp(config)

server.on('error', (error) => {
  console.error(`eEspresso cannot listen on ${config.host}:${config.port}: ${error.message}`)
  process.exit(1)
})
server.listen(config.port, config.host, () => console.log(`eEspresso (demonstration) on ${config.baseUrl}`))

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    server.close()
    server.closeIdleConnections()
  })
}
