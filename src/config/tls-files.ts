// The certificate that TLS_CERT_FILE names, and its key. What is wrong with them is said by the settings'
// names, before a socket says it in the words of OpenSSL.

import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { AppError } from '../errors.js'

export type TlsFiles = { cert: Buffer; key: Buffer; validUntil: number }

/** Undefined where a proxy does TLS. Throws one `configuration` AppError, a line for each fault. */
export function readTlsFiles({
  tlsCertFile,
  tlsKeyFile,
}: {
  tlsCertFile: string | undefined
  tlsKeyFile: string | undefined
}): TlsFiles | undefined {
  if (tlsCertFile === undefined || tlsKeyFile === undefined) return undefined
  const faults: string[] = []
  const attempt = <T>(line: string, read: () => T): T | undefined => {
    try {
      return read()
    } catch {
      faults.push(line)
      return undefined
    }
  }
  const cert = attempt(`TLS_CERT_FILE cannot be read: ${tlsCertFile}`, () => readFileSync(tlsCertFile))
  const key = attempt(`TLS_KEY_FILE cannot be read: ${tlsKeyFile}`, () => readFileSync(tlsKeyFile))
  const certificate =
    cert && attempt(`TLS_CERT_FILE holds no certificate: ${tlsCertFile}`, () => new X509Certificate(cert))
  const privateKey =
    key &&
    attempt(`TLS_KEY_FILE holds no private key without passphrase: ${tlsKeyFile}`, (): KeyObject =>
      createPrivateKey(key),
    )
  if (certificate && privateKey && !certificate.checkPrivateKey(privateKey))
    faults.push(`TLS_KEY_FILE is not the key of the certificate in TLS_CERT_FILE: ${tlsKeyFile}`)
  if (cert === undefined || key === undefined || certificate === undefined || faults.length > 0)
    throw new AppError('configuration', 500, faults.join('\n'))
  return { cert, key, validUntil: certificate.validToDate.getTime() }
}
