// Some clients admit some groups alone (`required_groups` of the record). Looked at wherever something is
// given: sign-in, silent renewal, code, refresh token, userinfo, introspection. Each refusal is an audit
// event, but one in a quarter of an hour for a person and a client: an application that goes on asking must
// not fill the log.

import { createHash } from 'node:crypto'
import { Provider } from 'oidc-provider'
import type { Store } from '../../db/store.js'
import type { Account } from '../accounts/accounts.js'
import { groupsOf } from '../accounts/groups.js'
import type { AuditLog } from '../audit/audit-log.js'
import { clientAddressOf } from '../http/client-address.js'
import { isFirst, subjectAt } from '../rate-limits.js'
import { isAdmitted, type GroupRules } from './client-groups.js'

/** Of the library's clients; its own type knows no member of ours. */
type AskingClient = { clientId: string }

/** False for somebody whom the client does not admit, which is then recorded. */
export type Admits = (client: AskingClient, account: Account) => Promise<boolean>

export function createAdmission({
  store,
  audit,
  now,
}: {
  store: Store
  audit: AuditLog
  now: () => number
}): Admits {
  return async (client, account) => {
    const rules = client as AskingClient & GroupRules
    if (isAdmitted(rules, groupsOf(account))) return true
    const { clientId } = client
    const ctx = Provider.ctx
    await store.transaction(async (tx) => {
      // The name of a client may be longer than a key.
      const subject = subjectAt(account.id, createHash('sha256').update(clientId).digest('base64url'))
      if (!(await isFirst(tx, { limit: 'access-refused', subject }, now()))) return
      await audit.record(tx, {
        event: 'access.refused',
        outcome: 'refused',
        actor: {
          name: `client:${clientId}`,
          clientAddress: ctx === undefined ? 'unknown' : clientAddressOf(ctx),
        },
        account,
        details: {
          client: clientId,
          at: ctx?.oidc.route ?? 'unknown',
          requires: (rules.required_groups ?? []).join(', '),
        },
      })
    })
    return false
  }
}
