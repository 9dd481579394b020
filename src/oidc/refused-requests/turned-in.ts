// What was known of a code or refresh token that was turned in and refused: how old it is, whether it was
// used, and which of its bonds the request does not fulfil. The library tells of the first alone.

import { createHash } from 'node:crypto'
import type { AdapterPayload, KoaContextWithOIDC } from 'oidc-provider'
import type { Store } from '../../../db/store.js'
import type { KeyRing } from '../../key-ring.js'
import { openArtifact } from '../sealed-artifact.js'
import { sentParameter, type Evidence } from './request.js'

const MODELS: Record<string, [model: string, parameter: string]> = {
  authorization_code: ['AuthorizationCode', 'code'],
  refresh_token: ['RefreshToken', 'refresh_token'],
}

type Dependencies = { store: Store; ring: KeyRing; now: () => number }

export function createTurnedIn({ store, ring, now }: Dependencies) {
  return async (ctx: KoaContextWithOIDC): Promise<Evidence> => {
    const [model, parameter] = MODELS[sentParameter(ctx, 'grant_type') ?? ''] ?? []
    const value = parameter === undefined ? undefined : sentParameter(ctx, parameter)
    if (model === undefined || value === undefined || ctx.oidc.client === undefined) return {}
    const row = await store.oidcArtifacts.find(model, ring.macs('lookup', `${model}:${value}`))
    if (row === undefined) return {}
    const payload = openArtifact(ring, row)
    const evidence: Evidence = {
      ageSeconds: Math.max(0, Math.round((now() - row.createdAt) / 1000)),
      mismatch: mismatchOf(ctx, payload, model),
    }
    if (row.consumedAt !== null) evidence.isUsed = true
    if (evidence.mismatch?.includes('client') && payload.clientId !== undefined)
      evidence.boundClient = payload.clientId
    if (evidence.mismatch?.includes('redirect_uri') && payload.redirectUri !== undefined)
      evidence.boundRedirectUri = payload.redirectUri
    return evidence
  }
}

function mismatchOf(
  ctx: KoaContextWithOIDC,
  payload: AdapterPayload,
  model: string,
): NonNullable<Evidence['mismatch']> {
  const verifier = sentParameter(ctx, 'code_verifier')
  const challenge =
    verifier === undefined ? undefined : createHash('sha256').update(verifier).digest('base64url')
  const isCode = model === 'AuthorizationCode'
  return [
    ...(payload.clientId === ctx.oidc.client?.clientId ? [] : (['client'] as const)),
    ...(isCode && payload.redirectUri !== sentParameter(ctx, 'redirect_uri')
      ? (['redirect_uri'] as const)
      : []),
    ...(isCode && payload.codeChallenge !== challenge ? (['code_verifier'] as const) : []),
  ]
}
