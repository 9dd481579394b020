// The name of a provider that stands elsewhere: behind a proxy, or behind TLS of its own. While it is held,
// every `fetch` of this test file to that origin goes to the port, as name service and proxy would have it.

import { request as plainRequest } from 'node:http'
import { request as tlsRequest } from 'node:https'

type Way = {
  port: number
  /**
   * Given: TLS up to the provider itself, trusted by this certificate. Otherwise plain http, as a proxy
   * speaks to it.
   */
  certificate?: string
  /** What the proxy adds. */
  headers?: Record<string, string>
}

export type Answer = { url: string; status: number; headers: Headers }

/** Returns every answer that came that way, and how to let go of the name. */
export function leadTo(origin: string, way: Way): { answers: Answer[]; restore: () => void } {
  const ordinary = globalThis.fetch
  const answers: Answer[] = []
  globalThis.fetch = async (input, init) => {
    const request = new Request(input, init)
    if (new URL(request.url).origin !== origin) return ordinary(input, init)
    const response = await send(request, way)
    answers.push({ url: request.url, status: response.status, headers: response.headers })
    return response
  }
  return {
    answers,
    restore: () => {
      globalThis.fetch = ordinary
    },
  }
}

async function send(request: Request, { port, certificate, headers = {} }: Way): Promise<Response> {
  const { host, pathname, search } = new URL(request.url)
  const body = Buffer.from(await request.arrayBuffer())
  return new Promise((resolve, reject) => {
    const options = {
      host: 'localhost',
      port,
      method: request.method,
      path: `${pathname}${search}`,
      headers: {
        ...Object.fromEntries(request.headers),
        ...headers,
        'host': host,
        'content-length': body.length,
      },
    }
    const sent =
      certificate === undefined
        ? plainRequest(options)
        : tlsRequest({ ...options, ca: certificate, servername: 'localhost' })
    sent.on('error', reject)
    sent.on('response', (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('end', () => {
        const received = new Headers()
        for (const [name, values] of Object.entries(incoming.headersDistinct))
          for (const value of values ?? []) received.append(name, value)
        const status = incoming.statusCode ?? 0
        resolve(
          new Response(status === 204 || status === 304 ? null : Buffer.concat(chunks), {
            status,
            headers: received,
          }),
        )
      })
    })
    sent.end(body)
  })
}
