import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import Koa from 'koa'
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { parseForm, readBody } from '../../src/http/form.js'

const parse = (body: string | Buffer) => ({ ...parseForm(Buffer.from(body as string)) })

/** So many, each of a name of its own that is short enough: letters alone. */
const namesOf = (count: number): string =>
  Array.from({ length: count }, (_, index) => `f${'x'.repeat(index % 30)}${'y'.repeat(index / 30)}=`).join(
    '&',
  )

describe('a form', () => {
  test.each<[string, Record<string, string>]>([
    ['', {}],
    ['cip=tram1234&password=trois+chats', { cip: 'tram1234', password: 'trois chats' }],
    ['password=%C3%A9t%C3%A9', { password: 'été' }],
    ['password=a%2Bb%26c%3Dd=e', { password: 'a+b&c=d=e' }],
    ['cip', { cip: '' }],
    ['cip=', { cip: '' }],
    ['password= %20 ', { password: '   ' }],
  ])('%s', (body, fields) => {
    expect(parse(body)).toEqual(fields)
  })

  test.each([
    'cip=a&cip=b',
    'cip[]=a',
    'cip[x]=a',
    '=a',
    '&',
    'cip=%',
    'cip=%f',
    'cip=%ff',
    'cip=%00',
    'cip=%ed%a0%80',
    'é=a',
    `cip=${'a'.repeat(1001)}`,
    `${'a'.repeat(41)}=x`,
    namesOf(51),
  ])('%s is refused as a bad request', (body) => {
    expect(() => parse(body)).toThrow(expect.objectContaining({ status: 400 }))
  })

  test('fifty fields are read', () => {
    expect(Object.keys(parse(namesOf(50)))).toHaveLength(50)
  })

  test('bytes that are no UTF-8 are refused', () => {
    expect(() => parseForm(Buffer.from([0x63, 0x69, 0x70, 0x3d, 0xff]))).toThrow(
      expect.objectContaining({ status: 400 }),
    )
  })

  test('a field called after a member of every object is a field and nothing else', () => {
    const form = parseForm(Buffer.from('constructor=a&__proto__=b&toString=c'))
    expect(Object.getPrototypeOf(form)).toBeNull()
    expect(form['hasOwnProperty']).toBeUndefined()
    expect(({} as Record<string, unknown>)['b']).toBeUndefined()
  })

  test('the message of a refusal holds no value', () => {
    for (const body of [
      'password=secret-canary&password=x',
      `password=${'secret-canary'.repeat(100)}`,
      'password=secret-canary%00',
    ]) {
      expect(() => parse(body)).toThrow(
        expect.objectContaining({ message: expect.not.stringContaining('secret-canary') }),
      )
    }
  })

  test('what a browser would send comes back as it was typed', () => {
    const value = fc
      .string({ unit: 'grapheme', maxLength: 200 })
      .filter((text) => !text.includes('\0') && text.isWellFormed())
    fc.assert(
      fc.property(value, value, (cip, password) => {
        expect(parse(new URLSearchParams({ cip, password }).toString())).toEqual({ cip, password })
      }),
    )
  })

  test('whatever bytes come, the answer is a form or a refusal', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        try {
          for (const value of Object.values(parseForm(Buffer.from(bytes))))
            expect(typeof value).toBe('string')
        } catch (error) {
          expect(error).toMatchObject({ status: 400 })
        }
      }),
    )
  })
})

describe('a body', () => {
  const LIMIT = 16 * 1024

  /** What is read of a request that brings these chunks. */
  function read(chunks: string[], { isCutOff = false, contentLength = '' } = {}): Promise<string> {
    const request = Object.assign(new IncomingMessage(new Socket()), {
      method: 'POST',
      url: '/',
      headers: contentLength === '' ? {} : { 'content-length': contentLength },
    })
    const body = readBody(new Koa().createContext(request, new ServerResponse(request)))
    for (const chunk of chunks) request.push(chunk)
    if (isCutOff) request.emit('aborted')
    else request.push(null)
    return body.then(String)
  }

  test('is read whole', async () => {
    expect(await read(['cip=', 'tram', '1234'], { contentLength: '12' })).toBe('cip=tram1234')
    expect(await read([])).toBe('')
    expect(await read(['a'.repeat(LIMIT)])).toHaveLength(LIMIT)
  })

  test('that is too large is refused, whatever its length was said to be', async () => {
    const tooLarge = { status: 413, code: 'payload-too-large' }
    await expect(read(['a'.repeat(LIMIT), 'a'])).rejects.toMatchObject(tooLarge)
    await expect(read(['a'], { contentLength: String(LIMIT + 1) })).rejects.toMatchObject(tooLarge)
  })

  test('that is cut off, or not as long as was said, is a bad request', async () => {
    const badRequest = { status: 400, expose: true }
    await expect(read(['cip='], { isCutOff: true })).rejects.toMatchObject(badRequest)
    await expect(read(['cip='], { contentLength: '12' })).rejects.toMatchObject(badRequest)
  })
})
