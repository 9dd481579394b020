// What every provider of a test is set to: a cheap hash, a master key that is no secret.

export const MASTER_KEYS = `test:${Buffer.from('a test key, 32 bytes, no secret!').toString('base64')}`

export const TEST_SETTINGS = { NODE_ENV: 'test', BCRYPT_COST: '4', MASTER_KEYS }
