// Two checks of the library's login prompt hold the person who is signed in against the one whom the
// application expects: by an ID token, or by a `sub` asked for. They ask for a sign-in, for ever if need be;
// here their verdict alone is lent to our policy.

import type { interactionPolicy, KoaContextWithOIDC } from 'oidc-provider'

/** True when somebody else than the expected person is signed in, or nobody. */
export type IsSomebodyElse = (ctx: KoaContextWithOIDC) => Promise<boolean>

export function expectedPersonChecks(
  login: interactionPolicy.Prompt,
): { reason: string; isSomebodyElse: IsSomebodyElse }[] {
  return ['id_token_hint', 'claims_id_token_sub_value'].map((reason) => {
    const check = login.checks.get(reason)
    if (check === undefined) throw new Error(`the library does not check ${reason}`)
    return {
      reason,
      async isSomebodyElse(ctx) {
        recallHint(ctx)
        return check.check(ctx)
      },
    }
  })
}

/**
 * The library reads the hint when a request comes, but no more when it goes on after the sign-in. It was
 * verified then, and kept sealed.
 */
function recallHint({ oidc }: KoaContextWithOIDC): void {
  const hint = oidc.params?.['id_token_hint']
  if (typeof hint !== 'string' || oidc.entities.IdTokenHint !== undefined) return
  const payload: unknown = JSON.parse(Buffer.from(hint.split('.')[1] ?? '', 'base64url').toString())
  oidc.entity('IdTokenHint', { header: {}, payload })
}
