// Threat: a certificate that does not go with its key, or that is none, found out by the people who come.

import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readTlsFiles } from '../../src/config/tls-files.js'
import { makeCertificate, RSA_KEY } from '../support/certificate.js'
import { describeWith } from '../support/requirements.js'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'laissez-passer-certificates-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

test('none is read where a proxy does TLS', () => {
  expect(readTlsFiles({ tlsCertFile: undefined, tlsKeyFile: undefined })).toBeUndefined()
})

describeWith(['openssl'], 'the files of TLS', () => {
  const read = (tlsCertFile: string, tlsKeyFile: string) => readTlsFiles({ tlsCertFile, tlsKeyFile })

  test('that go together are read, and how long they are valid', () => {
    const { certFile, keyFile } = makeCertificate(folder, { days: 400 })
    const days = ((read(certFile, keyFile)?.validUntil ?? 0) - Date.now()) / 86_400_000
    expect(Math.round(days)).toBe(400)
  })

  test('that are missing, swapped, or of two pairs are each named', () => {
    const one = makeCertificate(folder, { name: 'one' })
    const other = makeCertificate(folder, { name: 'other', key: RSA_KEY })
    expect(() => read(one.certFile, join(folder, 'nowhere'))).toThrow(
      /^TLS_KEY_FILE cannot be read: .*nowhere$/,
    )
    expect(() => read(one.keyFile, one.certFile)).toThrow(
      /^TLS_CERT_FILE holds no certificate: .*one\.key\nTLS_KEY_FILE holds no private key .*one\.crt$/,
    )
    expect(() => read(one.certFile, other.keyFile)).toThrow(
      /^TLS_KEY_FILE is not the key of the certificate in TLS_CERT_FILE: .*other\.key$/,
    )
  })
})
