// A hundred sign-ins arrive at once: do health, keys and tokens stay quick, and are those who can't be served
// told so at once?

import {
  ms,
  openSignIn,
  percentile,
  print,
  startProvider,
  time,
  type ProviderProcess,
} from './provider-process.ts'

const SIGN_INS = 100

export async function stormBench(): Promise<void> {
  const provider = await startProvider()
  try {
    const quiet = await measureOthers(provider, new Promise((resolve) => setTimeout(resolve, 3_000)))
    const posts = await Promise.all(Array.from({ length: SIGN_INS }, () => openSignIn(provider)))
    const statuses: Record<number, number> = {}
    const waits: number[] = []
    const storm = Promise.all(
      posts.map(async (post, index) => {
        waits.push(
          await time(async () => {
            const { status } = await post(`person${index}`, 'trois-chats-dorment')
            statuses[status] = (statuses[status] ?? 0) + 1
          }),
        )
      }),
    )
    const busy = await measureOthers(provider, storm)
    print(
      `${SIGN_INS} sign-ins at once: ${Object.entries(statuses)
        .map(([status, count]) => `${count} × ${status}`)
        .join(', ')}; the last answered after ${ms(Math.max(...waits))}`,
    )
    for (const name of Object.keys(quiet) as (keyof typeof quiet)[]) {
      const [before, during] = [percentile(quiet[name], 99), percentile(busy[name], 99)]
      print(
        `${name.padEnd(8)} p99 quiet ${ms(before)}, in the storm ${ms(during)} (${busy[name].length} requests, ratio ${(during / before).toFixed(1)}) ${during < 200 ? 'holds' : 'BREAKS'} 200 ms`,
      )
    }
  } finally {
    await provider.stop()
  }
}

/** Asks for health, keys and tokens in turn for as long as `until` takes. */
async function measureOthers({ url, clientId, clientSecret }: ProviderProcess, until: Promise<unknown>) {
  const times = { healthz: [] as number[], jwks: [] as number[], token: [] as number[] }
  const authorization = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    code: 'none',
    redirect_uri: 'http://localhost:9/callback',
    code_verifier: 'x'.repeat(43),
  })
  const drain = async (response: Response) => response.arrayBuffer()
  let isOver = false
  void until.finally(() => {
    isOver = true
  })
  while (!isOver) {
    times.healthz.push(await time(async () => drain(await fetch(`${url}/healthz`))))
    times.jwks.push(await time(async () => drain(await fetch(`${url}/jwks`))))
    times.token.push(
      await time(async () =>
        drain(
          await fetch(`${url}/token`, { method: 'POST', headers: { Authorization: authorization }, body }),
        ),
      ),
    )
  }
  return times
}
