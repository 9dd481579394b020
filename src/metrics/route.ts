// The address of a request as a label: few values, whatever is asked for, and no id of anybody. Pure.

const STEPS =
  /^(password|waiting|one-time-code|activation|change-password|enrol|done|restart|prolong|consent|access)$/
const SITE = /^(help|session|token|me|auth|jwks|request|signed-out|dev|locale|account|help-desk)$/
const PROBES = /^(healthz|readyz|metrics)$/

/** Such as `/interaction/:uid/password`, `/token`, `/assets/:file`; `other` for what nobody serves. */
export function routeOf(path: string): string {
  const [first = '', second = '', third = ''] = path.split('/').slice(1)
  if (first === '') return '/'
  if (first === 'interaction') return STEPS.test(third) ? `/interaction/:uid/${third}` : '/interaction/:uid'
  if (first === 'assets') return '/assets/:file'
  if (first === '.well-known') return '/.well-known'
  if (PROBES.test(first)) return `/${first}`
  if (!SITE.test(first)) return 'other'
  return /^(introspection|revocation|end)$/.test(second) ? `/${first}/${second}` : `/${first}`
}
