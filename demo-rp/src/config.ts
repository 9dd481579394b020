// The only reader of the environment. Called once by main.ts; reports every problem at once and never prints
// the secret.

export interface Settings {
  /** an origin, without a final slash */
  baseUrl: string
  issuerUrl: string
  clientId: string
  clientSecret: string
}

export interface Config extends Settings {
  host: string
  port: number
}

export type ConfigResult = { ok: true; config: Config } | { ok: false; problems: string[] }

export function readConfig(env: Record<string, string | undefined>): ConfigResult {
  const port = Number(env.PORT ?? 3001)
  const host = env.HOST ?? '127.0.0.1'
  const baseUrl = env.BASE_URL ?? `http://localhost:${port}`
  const issuerUrl = env.ISSUER_URL ?? 'http://localhost:3000'
  const clientSecret = env.CLIENT_SECRET ?? ''

  const problems: string[] = []
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    problems.push('PORT must be a number from 1 to 65535')
  if (!isSecureUrl(issuerUrl)) problems.push('ISSUER_URL must be https, or http on localhost')
  if (!isSecureUrl(baseUrl) || new URL(baseUrl).pathname !== '/') {
    problems.push('BASE_URL must be an origin without a path, https, or http on localhost')
  }
  if (clientSecret === '') problems.push('CLIENT_SECRET is missing')
  if (problems.length > 0) return { ok: false, problems }

  const clientId = env.CLIENT_ID ?? 'eespresso'
  return {
    ok: true,
    config: { host, port, baseUrl: new URL(baseUrl).origin, issuerUrl, clientId, clientSecret },
  }
}

/** Codes, tokens and cookies travel under these addresses, so plain http stays on the machine itself. */
function isSecureUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))
}

export function isLoopback(hostname: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
}
