// The demonstration in this process: the provider, and eEspresso beside it, with a clock that moves and
// people made as a test needs them.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createDemoRp } from '../../demo-rp/src/app.js'
import { clock } from './clock.js'
import { startIdp, type Idp, type IdpOptions } from './idp.js'
import { registerRelyingParty, type RelyingParty } from './relying-party.js'

export type Demo = {
  idp: Idp
  eEspresso: string
  /** eEspresso as the provider knows it, for requests by hand. */
  rp: RelyingParty
  stop: () => Promise<void>
}

export async function startDemo(
  settings: Record<string, string> = {},
  options: IdpOptions = {},
): Promise<Demo> {
  const idp = await startIdp({ settings, ...options })
  const front = createServer()
  await new Promise<void>((resolve) => front.listen(0, 'localhost', resolve))
  const eEspresso = `http://localhost:${(front.address() as AddressInfo).port}`
  const rp = await registerRelyingParty(idp, {
    client_uri: eEspresso,
    redirect_uris: [`${eEspresso}/callback`],
    post_logout_redirect_uris: [`${eEspresso}/signed-out`],
    require_auth_time: true,
    sign_in_every_time: true,
  })
  const client = {
    baseUrl: eEspresso,
    issuerUrl: idp.url,
    clientId: rp.clientId,
    clientSecret: rp.secret,
  }
  const relyingParty = createDemoRp(client, clock.now)
  relyingParty.silent = true
  front.on('request', relyingParty.callback())

  return {
    idp,
    eEspresso,
    rp,

    async stop() {
      front.closeAllConnections()
      await new Promise((resolve) => front.close(resolve))
      await idp.stop()
    },
  }
}
