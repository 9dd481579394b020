// What became of one relying party's record, as `client apply` and `client update` print it.

import type { Change } from '../oidc/client-metadata.js'
import type { Applied } from '../oidc/client-writing.js'

type Entry = {
  client_id: string
  result: Applied['result']
  changes: Record<string, Change>
  client_secret?: string
}

export const entryOf = ({ clientId, result, changes }: Applied, secret: string | undefined): Entry => ({
  client_id: clientId,
  result,
  changes,
  ...(secret !== undefined && { client_secret: secret }),
})

export function entryText({ client_id: clientId, result, changes, client_secret: secret }: Entry): string {
  const side = (sign: string, member: string, value: unknown) =>
    value === undefined ? [] : [`  ${sign} ${member}: ${JSON.stringify(value)}`]
  const lines = Object.entries(changes).flatMap(([member, { before, after }]) => [
    ...side('-', member, before),
    ...side('+', member, after),
  ])
  const shown = secret === undefined ? [] : [`  client_secret  ${secret}`, '  The secret is not shown again.']
  return [`${clientId}: ${result}`, ...lines, ...shown].join('\n')
}
