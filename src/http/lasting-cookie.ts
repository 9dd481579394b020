// What every cookie of ours has that outlives the browser's session: no script reads it, no other site sends
// it along. The provider's own cookies are signed by the library; these prove themselves by what they hold.

type Lasting = { isHttps: boolean; keptMs: number }

export const lastingCookie = ({ isHttps, keptMs }: Lasting) =>
  ({ signed: false, httpOnly: true, sameSite: 'lax', secure: isHttps, path: '/', maxAge: keptMs }) as const
