// What our ID tokens say beyond the library's: `at_hash`, which binds the access token to them (OpenID
// Connect Core §3.1.3.6), and the claims that a client's record names for them. The library knows both, and
// has no setting for either in the code flow; so they are added where it issues.

import type { AccessToken, Client, IdToken, Provider } from 'oidc-provider'

/** Of the claims that are given with these scopes, those that this client gets in its ID token. */
type ChooseClaims = (client: Client, scopes: ReadonlySet<string>) => Iterable<string>

type Save = (this: AccessToken, ttl?: number) => Promise<string>
type Issue = (this: IdToken, context: Parameters<IdToken['issue']>[0]) => Promise<string>

export function extendIdTokens(provider: Provider, choose: ChooseClaims): void {
  const values = new WeakMap<AccessToken, string>()

  const tokens: { save: Save } = provider.AccessToken.prototype
  const { save } = tokens
  tokens.save = async function (ttl) {
    const value = await save.call(this, ttl)
    values.set(this, value)
    return value
  }

  const idTokens: { issue: Issue } = provider.IdToken.prototype
  const { issue } = idTokens
  idTokens.issue = async function (context) {
    const accessToken = context.use === 'idtoken' ? this.ctx.oidc.entities.AccessToken : undefined
    if (accessToken !== undefined) {
      // Hashed by the library, as the algorithm demands that signs.
      this.set('at_hash', values.get(accessToken))
      for (const claim of choose(this.client, accessToken.scopes))
        if (claim in this.available) this.set(claim, this.available[claim])
    }
    return issue.call(this, context)
  }
}
