// How fast do mails leave? A mail server that thinks for 50 ms about each; a thousand of an import, and one
// reset behind them.

import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SMTPServer } from 'smtp-server'
import type * as connectModule from '../../db/connect.ts'
import type * as migrateModule from '../../db/migrate.ts'
import type * as storeModule from '../../db/store.ts'
import type * as keyRingModule from '../../src/key-ring.ts'
import type * as mailboxModule from '../../src/mail/mailbox.ts'
import type * as transportModule from '../../src/mail/transport.ts'
import { fromDist, print, time } from './provider-process.ts'

const MAILS = 1_000
const THINKING_MS = 50
const WANTED_PER_SECOND = 50

export async function mailBench(): Promise<void> {
  const { connectDatabase } = (await fromDist('db/connect.js')) as typeof connectModule
  const { migrateToLatest } = (await fromDist('db/migrate.js')) as typeof migrateModule
  const { createStore } = (await fromDist('db/store.js')) as typeof storeModule
  const { createKeyRing } = (await fromDist('src/key-ring.js')) as typeof keyRingModule
  const { createMailbox, deliverDueMail } = (await fromDist('src/mail/mailbox.js')) as typeof mailboxModule
  const { createSmtpTransport } = (await fromDist('src/mail/transport.js')) as typeof transportModule

  const order: string[] = []
  const server = new SMTPServer({
    authOptional: true,
    disableReverseLookup: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, session, done) {
      stream.resume().on('end', () => {
        order.push(session.envelope.rcptTo[0]?.address ?? '')
        setTimeout(done, THINKING_MS)
      })
    },
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const smtpUrl = `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`
  const folder = mkdtempSync(join(tmpdir(), 'laissez-passer-bench-'))
  const db = connectDatabase(`sqlite:${join(folder, 'mail.db')}`)
  const transport = createSmtpTransport({ smtpUrl, mailFrom: 'idp@localhost', issuerUrl: 'http://localhost' })
  try {
    await migrateToLatest(db)
    const store = createStore(db)
    const ring = createKeyRing([{ id: 'bench', key: randomBytes(32) }])
    const content = { subject: 'x', text: 'x'.repeat(2_000), html: 'x'.repeat(6_000) }
    const mailbox = createMailbox({
      ring,
      now: Date.now,
      defaultLocale: 'fr-CA',
      render: async () => content,
    })
    const post = (kind: mailboxModule.MailKind, name: string) =>
      store.transaction((tx) =>
        mailbox.post(tx, kind, { id: name, name, cip: name, email: `${name}@localhost`, locale: null }),
      )
    for (let n = 0; n < MAILS; n += 1) await post('account-created', `p${n}`)
    await post('password-reset', 'urgent')
    const elapsed = await time(() =>
      deliverDueMail({ store, ring, transport, now: Date.now, onFailure: (error) => print(String(error)) }),
    )
    const perSecond = order.length / (elapsed / 1000)
    print(
      `${order.length} mails in ${(elapsed / 1000).toFixed(1)} s: ${perSecond.toFixed(0)}/s ${perSecond >= WANTED_PER_SECOND ? 'holds' : 'BREAKS'} ${WANTED_PER_SECOND}`,
    )
    print(`the reset behind them was number ${order.indexOf('urgent@localhost') + 1}`)
  } finally {
    transport.close?.()
    await db.destroy()
    server.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
