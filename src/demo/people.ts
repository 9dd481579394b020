// The people and the relying party of the demonstration. Their passwords are printed at its start, so they
// exist nowhere else.

import { newAccountRow } from '../accounts/account-row.js'
import { randomId } from '../key-ring.js'
import type { Services } from '../services.js'

type DemoPerson = {
  cip: string
  name: string
  email: string
  password: string
  isTemporary: boolean
  locale: string | null
  about: string
}

export const DEMO_PEOPLE: readonly DemoPerson[] = [
  {
    cip: 'gagj2345',
    name: 'Julie Gagnon',
    email: 'julie.gagnon@exemple.ca',
    password: 'quatre-lunes-bleues',
    isTemporary: false,
    locale: null,
    about: 'mot de passe choisi : premier accès, configuration du téléphone',
  },
  {
    cip: 'boui3456',
    name: 'Isabelle Bouchard',
    email: 'isabelle.bouchard@exemple.ca',
    password: 'k7mp-xq3d-w9ht-n4vz',
    isTemporary: true,
    locale: null,
    about: 'mot de passe temporaire : à remplacer d’abord',
  },
  {
    cip: 'roys4567',
    name: 'Sam Roy',
    email: 'sam.roy@example.com',
    password: 'seven-quiet-rivers',
    isTemporary: false,
    locale: 'en',
    about: 'in English',
  },
]

const ACTOR = { name: 'demo', clientAddress: 'demo' }
const DAY_MS = 24 * 3_600_000
const CLIENT_ID = 'eespresso'

/** Adds what is missing and registers eEspresso anew, with a new secret, which is returned. */
export async function seedDemo(
  { store, hasher, audit, clients }: Services,
  rpUrl: string,
  now: number,
): Promise<string> {
  for (const person of DEMO_PEOPLE) {
    const existing = await store.accounts.findByCip(person.cip)
    const temporaryPasswordExpiresAt = person.isTemporary ? now + 3 * DAY_MS : null
    if (existing === undefined) {
      const id = randomId()
      const passwordHash = await hasher.hash(person.password, id)
      const account = newAccountRow({
        id,
        cip: person.cip,
        name: person.name,
        email: person.email,
        locale: person.locale,
        passwordHash,
        passwordSetAt: now,
        temporaryPasswordExpiresAt,
        createdAt: now,
      })
      await store.transaction(async (tx) => {
        await tx.accounts.insert(account)
        await audit.record(tx, {
          event: 'account.created',
          actor: ACTOR,
          account,
          details: { delivered: 'printed by the demonstration', epoch: account.credentialEpoch },
        })
      })
    }
  }
  await clients.remove(CLIENT_ID, ACTOR)
  const created = await clients.create(
    {
      client_id: CLIENT_ID,
      client_name: 'eEspresso',
      client_uri: rpUrl,
      initiate_login_uri: `${rpUrl}/login`,
      redirect_uris: [`${rpUrl}/callback`],
      post_logout_redirect_uris: [`${rpUrl}/signed-out`],
      backchannel_logout_uri: `${rpUrl}/backchannel-logout`,
      backchannel_logout_session_required: true,
      require_auth_time: true,
      sign_in_every_time: true,
    },
    ACTOR,
  )
  if (!created.ok) throw new Error(`the demonstration's client is refused: ${created.fault}`)
  if (created.clientSecret === undefined) throw new Error("the demonstration's client has no secret")
  return created.clientSecret
}
