// The demonstration in this process: the provider, and eEspresso beside it, with a clock that moves and
// people made as a test needs them.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createDemoRp } from '../../demo-rp/src/app.js'
import { clock } from './clock.js'
import { startIdp, type Idp, type Person } from './idp.js'
import { createPhone, type Phone } from './phone.js'
import { registerRelyingParty } from './relying-party.js'

export type Demo = {
  idp: Idp
  eEspresso: string
  enrol: (person: Person, deviceName?: string) => Promise<Phone>
  stop: () => Promise<void>
}

export async function startDemo(settings: Record<string, string> = {}): Promise<Demo> {
  const idp = await startIdp({ settings })
  const front = createServer()
  await new Promise<void>((resolve) => front.listen(0, 'localhost', resolve))
  const eEspresso = `http://localhost:${(front.address() as AddressInfo).port}`
  const { clientId, secret } = await registerRelyingParty(idp, {
    client_uri: eEspresso,
    redirect_uris: [`${eEspresso}/callback`],
    post_logout_redirect_uris: [`${eEspresso}/signed-out`],
    require_auth_time: true,
    sign_in_every_time: true,
  })
  const client = { baseUrl: eEspresso, issuerUrl: idp.url, clientId, clientSecret: secret }
  const relyingParty = createDemoRp(client, clock.now)
  relyingParty.silent = true
  front.on('request', relyingParty.callback())

  return {
    idp,
    eEspresso,

    /** A first access that lies in the past: the person has a phone already. */
    async enrol(person, deviceName = 'Mon iPhone') {
      const account = await idp.account(person.cip)
      const phone = createPhone(idp.services.secondFactors.pending(account, 'earlier').key)
      const outcome = await idp.services.signIns.enrol(
        { account, signIn: 'earlier', visitor: { clientAddress: 'test', browserId: undefined } },
        'earlier',
        phone.code(),
        deviceName,
        undefined,
      )
      if (!outcome.ok) throw new Error(`not enrolled: ${outcome.reason}`)
      clock.nextStep()
      return phone
    },

    async stop() {
      front.closeAllConnections()
      await new Promise((resolve) => front.close(resolve))
      await idp.stop()
    },
  }
}
