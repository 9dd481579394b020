// What this folder takes from inside oidc-provider, which publishes neither types nor a promise for it. The
// contract test (test/http/library) holds each of these against the installed version.

declare module 'oidc-provider/lib/helpers/weak_cache.js' {
  import type { KoaContextWithOIDC, Provider } from 'oidc-provider'

  type ResponseMode = (
    ctx: KoaContextWithOIDC,
    redirectUri: string,
    payload: Record<string, string | number>,
  ) => void | Promise<void>

  /** What the library keeps behind a provider. */
  export default function instance(provider: Provider): {
    /** The members of a client's record, once `Client` was made. */
    RECOGNIZED_METADATA: string[]
    responseModes: Map<string, ResponseMode>
    router: { match: (method: string, path: string) => { route: { name: string } } | undefined }
  }
}

declare module 'oidc-provider/lib/actions/end_session.js' {
  import type { KoaContextWithOIDC } from 'oidc-provider'

  /** The middleware of `POST /session/end/confirm`; the last one does it, those before it check. */
  export const confirm: readonly ((
    ctx: KoaContextWithOIDC,
    next: () => Promise<void>,
  ) => void | Promise<void>)[]
}
