// What the provider tells while it works: failures and refusals for the log, sign-outs for the audit log, and
// notices that an application did not take.

import type { errors, KoaContextWithOIDC, Provider } from 'oidc-provider'
import type { Logger } from 'pino'
import { supportCodeOf } from '../http/support-code.js'
import { keepFailure } from './library/failures.js'
import { noteSignOut } from './library/sign-out-record.js'
import type { LogoutNotice } from './logout/backchannel-logout.js'
import type { WayBackCookie } from './way-back.js'

type NoteRefusal = (ctx: KoaContextWithOIDC, refusal: errors.OIDCProviderError) => void

type Dependencies = {
  log: Logger
  wayBack: WayBackCookie
  noteRefusal: NoteRefusal
  /** Has a notice sent again. */
  queueNotice: (notice: LogoutNotice) => Promise<void>
}

export function listenTo(provider: Provider, { log, wayBack, noteRefusal, queueNotice }: Dependencies): void {
  provider.on('server_error', (ctx, error) => {
    if (!keepFailure(ctx, error))
      log.error(
        { requestId: ctx.state['requestId'], supportCode: supportCodeOf(ctx), err: error },
        'the provider failed',
      )
  })
  provider.on('end_session.success', noteSignOut)
  provider.on('interaction.started', (ctx) => {
    const { client, entities } = ctx.oidc
    if (client !== undefined && entities.Interaction !== undefined)
      wayBack.note(ctx, entities.Interaction.uid, client.clientId)
  })
  provider.on('authorization.error', noteRefusal)
  provider.on('end_session.error', noteRefusal)
  provider.on('end_session_confirm.error', noteRefusal)
  provider.on('grant.error', noteRefusal)
  provider.on('introspection.error', (ctx, refusal) => {
    // The library refuses every JWT; introspection.ts answers it all the same.
    if (refusal.error !== 'unsupported_token_type') noteRefusal(ctx, refusal)
  })
  provider.on('pushed_authorization_request.error', noteRefusal)
  provider.on('revocation.error', noteRefusal)
  provider.on('userinfo.error', noteRefusal)
  provider.on('backchannel.error', (_ctx, error, { clientId }, accountId, sid) => {
    log.warn(
      { client: clientId, message: error.message },
      'a sign-out notice was not taken; it will be tried again',
    )
    queueNotice({ clientId, accountId, sid }).catch((cause: unknown) =>
      log.error({ err: cause }, 'a sign-out notice is lost'),
    )
  })
}
