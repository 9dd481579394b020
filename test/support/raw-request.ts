// A request as bytes on a socket, for what no client library would send: two Host headers, an absolute
// request line, half a body.

import { connect } from 'node:net'

export type RawResponse = { status: number; headers: Record<string, string>; body: string }

/** `lines` without the blank line that ends the head; the connection is closed after one answer. */
export async function rawRequest(
  url: string,
  lines: string[],
  body: string | Buffer = '',
): Promise<RawResponse> {
  const { hostname, port } = new URL(url)
  const bytes = await new Promise<Buffer>((resolve, reject) => {
    const socket = connect(Number(port), hostname)
    const chunks: Buffer[] = []
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    socket.on('error', (error) => (chunks.length > 0 ? resolve(Buffer.concat(chunks)) : reject(error)))
    socket.on('close', () => resolve(Buffer.concat(chunks)))
    socket.write(`${[...lines, 'Connection: close'].join('\r\n')}\r\n\r\n`)
    if (body.length > 0) socket.write(body)
  })
  const text = bytes.toString('latin1')
  const [head = '', ...rest] = text.split('\r\n\r\n')
  const [statusLine = '', ...fields] = head.split('\r\n')
  const headers = Object.fromEntries(
    fields.map((field) => [
      field.slice(0, field.indexOf(':')).toLowerCase(),
      field.slice(field.indexOf(':') + 1).trim(),
    ]),
  )
  return {
    status: Number(statusLine.split(' ')[1]),
    headers,
    body: Buffer.from(rest.join('\r\n\r\n'), 'latin1').toString(),
  }
}
