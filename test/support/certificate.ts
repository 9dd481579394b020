// A certificate for localhost and its key, made by openssl into a folder.

import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

export const EC_KEY = ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256']
export const RSA_KEY = ['rsa:2048']

/** The paths of both; what was there under the name is replaced. */
export function makeCertificate(
  folder: string,
  { name = 'tls', key = EC_KEY, days = 2 }: { name?: string; key?: readonly string[]; days?: number } = {},
): { certFile: string; keyFile: string } {
  const files = { certFile: join(folder, `${name}.crt`), keyFile: join(folder, `${name}.key`) }
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  const outputs = ['-keyout', files.keyFile, '-out', files.certFile]
  const what = ['req', '-x509', '-nodes', '-newkey', ...key, '-days', String(days)]
  execFileSync('openssl', [...what, ...outputs, ...names], { stdio: 'ignore' })
  return files
}
