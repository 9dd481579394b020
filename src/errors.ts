// What cannot go on. Refusals that a person can mend are values, not errors; anything else thrown is a bug
// and is logged as one. `status` and `expose` are Koa's own error contract.

export type AppErrorCode =
  | 'bad-request'
  | 'busy'
  | 'configuration'
  | 'cookies-refused'
  | 'cross-site-request'
  | 'database-unavailable'
  | 'interaction-not-found'
  | 'key-unknown'
  | 'length-required'
  | 'method-not-allowed'
  | 'misdirected-request'
  | 'not-found'
  | 'other-browser'
  | 'payload-too-large'
  | 'seal-broken'
  | 'too-many-requests'
  | 'unsupported-media-type'

export class AppError extends Error {
  readonly code: AppErrorCode
  readonly status: number
  readonly expose: boolean
  /** Seconds for a Retry-After header. */
  readonly retryAfterSeconds: number | undefined

  constructor(
    code: AppErrorCode,
    status: number,
    message: string,
    options: { cause?: unknown; retryAfterSeconds?: number } = {},
  ) {
    super(message, { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.status = status
    this.expose = status < 500
    this.retryAfterSeconds = options.retryAfterSeconds
  }
}
