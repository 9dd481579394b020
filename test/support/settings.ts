// What every provider of a test is set to: a master key that is no secret, and a cheap hash, which only
// `readTestConfig` lets pass. A process of its own is a real one, and takes no less than production does.

import { readConfig, type Config, type Environment } from '../../src/config/config.js'

export const MASTER_KEYS = `test:${Buffer.from('a test key, 32 bytes, no secret!').toString('base64')}`

export const METRICS_TOKEN = 'a-test-token-that-is-no-secret-at-all'

const CHEAPEST = 4

export const readTestConfig = (environment: Environment): Config =>
  readConfig(
    { BCRYPT_COST: String(CHEAPEST), MASTER_KEYS, METRICS_TOKEN, ...environment },
    { minBcryptCost: CHEAPEST },
  )

export const PROCESS_SETTINGS = { BCRYPT_COST: '10', MASTER_KEYS }
