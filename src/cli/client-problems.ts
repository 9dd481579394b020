// `client problems`: what applications were refused and why, in words, the newest first.

import type { Command } from 'commander'
import { parseSupportCode, shownSupportCode } from '../http/support-code.js'
import type { Evidence } from '../oidc/refused-requests/request.js'
import { refusalInWords } from '../oidc/refused-requests/words.js'
import { withServices, type CommandContext, type Terminal } from './command-context.js'
import { boundsOf, sinceOption, wholeNumber } from './options.js'
import { formatAt, isoAt, table, type Answer, type Answering } from './output.js'

type Options = { since?: string; code?: string; limit: number }

const DEFAULT_LIMIT = 100
const MOST = 10_000

export function addProblemsCommand(client: Command, answering: Answering, terminal: Terminal): void {
  client
    .command('problems')
    .description('what applications were refused and why, the newest first')
    .argument('[client_id]', 'as it was sent')
    .addOption(sinceOption())
    .option('--code <code>', 'the support code that somebody has read from a page')
    .option('--limit <number>', `at most ${MOST}`, wholeNumber(1, MOST), DEFAULT_LIMIT)
    .action((clientId: string | undefined, options: Options) =>
      answering(() => withServices(terminal, (context) => problems(context, clientId, options))),
    )
}

async function problems(
  { store, clients, config }: CommandContext,
  clientId: string | undefined,
  { since, code, limit }: Options,
): Promise<Answer> {
  const supportCode = code === undefined ? undefined : parseSupportCode(code)
  if (code !== undefined && supportCode === undefined)
    return { ok: false, fault: `"${code}" is not a support code` }
  const { since: from } = boundsOf(since === undefined ? {} : { since }, config.timeZone)
  const found = await store.refusedRequests.search({ clientId, supportCode, since: from, limit })
  const registered = new Map((await clients.list()).map((client) => [client.client_id, client]))
  const json = found.map((row) => {
    const evidence = JSON.parse(row.evidence) as Evidence
    return {
      supportCode: shownSupportCode(row.supportCode),
      occurredAt: isoAt(row.occurredAt),
      client_id: row.clientId,
      endpoint: row.endpoint,
      error: row.error,
      cause: refusalInWords({ ...row, evidence }, registered.get(row.clientId ?? '')),
      description: row.description,
      detail: row.detail,
      evidence,
      requestId: row.requestId,
    }
  })
  const rows = json.map((one, index) => [
    formatAt(found[index]?.occurredAt ?? 0, config.timeZone),
    one.supportCode,
    one.client_id ?? '?',
    one.endpoint,
    one.error,
    one.cause,
  ])
  const headings = ['Time', 'Code', 'Client', 'Endpoint', 'Error', 'Cause']
  return { ok: true, json, text: rows.length === 0 ? 'No request was refused.' : table(headings, rows) }
}
