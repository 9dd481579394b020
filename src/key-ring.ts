// Everything that needs the master keys: sealing, keyed hashes, derived keys. The ring lives outside the
// database; each purpose gets its own key by HKDF, so that no two uses share one. The first key writes; the
// others still read.

import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
  type KeyObject,
} from 'node:crypto'
import { AppError } from './errors.js'

export type MasterKey = { id: string; key: Buffer }

export type Purpose =
  | 'account-seal'
  | 'activation-code'
  | 'audit-chain'
  | 'begun-enrolment'
  | 'browser-cookie'
  | 'browser-id'
  | 'client-secret'
  | 'cookies'
  | 'csrf'
  | 'lookup'
  | 'outbox'
  | 'password-pepper'
  | 'remembered-person'
  | 'sealed-artifact'
  | 'sealed-secret'
  | 'second-factor'
  | 'shared-answer'
  | 'sign-in'
  | 'signing-key'
  | 'totp-enrolment'
  | 'way-back'
  | 'key-canary'

export type KeyRing = ReturnType<typeof createKeyRing>

const IV_BYTES = 12
const TAG_BYTES = 16

export function createKeyRing(masterKeys: readonly MasterKey[]) {
  const [writing] = masterKeys
  if (writing === undefined) throw new AppError('configuration', 500, 'the key ring is empty')
  // Key objects: given raw bytes, Node builds a new one at every call, which takes ten times as long as the
  // hash itself.
  const derived = new Map<string, KeyObject>()

  /** Throws `key-unknown` for an id that has left the ring. */
  function keyFor(purpose: Purpose, keyId: string = writing?.id ?? ''): KeyObject {
    const cached = derived.get(`${keyId}/${purpose}`)
    if (cached !== undefined) return cached
    const master = masterKeys.find(({ id }) => id === keyId)
    if (master === undefined)
      throw new AppError('key-unknown', 500, `master key "${keyId}" is not in the ring`)
    const key = createSecretKey(Buffer.from(hkdfSync('sha256', master.key, 'laissez-passer', purpose, 32)))
    derived.set(`${keyId}/${purpose}`, key)
    return key
  }

  /**
   * AES-256-GCM. `boundTo` (row and owner) is authenticated: a ciphertext moved to another row does not open.
   */
  function seal(
    purpose: Purpose,
    boundTo: string,
    plaintext: string | Buffer,
    keyId: string = writing?.id ?? '',
  ): string {
    const iv = randomBytes(IV_BYTES)
    const cipher = createCipheriv('aes-256-gcm', keyFor(purpose, keyId), iv)
    cipher.setAAD(Buffer.from(`${purpose}\0${boundTo}`))
    const sealed = Buffer.concat([iv, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
    return `${keyId}.${sealed.toString('base64url')}`
  }

  function open(purpose: Purpose, boundTo: string, sealed: string): Buffer {
    const [keyId, bytes] = splitKeyId(sealed)
    try {
      const iv = bytes.subarray(0, IV_BYTES)
      // Without a length Node takes tags of 4 bytes too, which chance finds.
      const decipher = createDecipheriv('aes-256-gcm', keyFor(purpose, keyId), iv, {
        authTagLength: TAG_BYTES,
      })
      decipher.setAAD(Buffer.from(`${purpose}\0${boundTo}`))
      decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES))
      return Buffer.concat([
        decipher.update(bytes.subarray(IV_BYTES, bytes.length - TAG_BYTES)),
        decipher.final(),
      ])
    } catch (cause) {
      if (cause instanceof AppError) throw cause
      throw new AppError('seal-broken', 500, `a sealed ${purpose} does not open`, { cause })
    }
  }

  const hmac = (purpose: Purpose, value: string, keyId: string): string =>
    createHmac('sha256', keyFor(purpose, keyId)).update(value).digest('base64url')

  return {
    writingKeyId: writing.id,
    keyIds: masterKeys.map(({ id }) => id),
    keyFor,
    /** The 32 bytes of a purpose's key, for what cannot take a key object. */
    derive: (purpose: Purpose, keyId?: string): Buffer => keyFor(purpose, keyId).export(),
    seal,
    open,
    /** A keyed hash under the writing key, or under `keyId`. */
    mac: (purpose: Purpose, value: string, keyId: string = writing.id): string => hmac(purpose, value, keyId),
    /**
     * The same under every key of the ring, the writing one first: what was stored before a rotation is still
     * found.
     */
    macs: (purpose: Purpose, value: string): string[] => masterKeys.map(({ id }) => hmac(purpose, value, id)),
    /** True when `mac` is the keyed hash of `value` under any key of the ring; in constant time. */
    verifyMac: (purpose: Purpose, value: string, mac: string): boolean =>
      masterKeys.some(({ id }) => isEqual(hmac(purpose, value, id), mac)),
  }
}

function splitKeyId(sealed: string): [string, Buffer] {
  const dot = sealed.lastIndexOf('.')
  return [sealed.slice(0, dot), Buffer.from(sealed.slice(dot + 1), 'base64url')]
}

function isEqual(expected: string, given: string): boolean {
  const a = Buffer.from(expected)
  const b = Buffer.from(given)
  return a.length === b.length && timingSafeEqual(a, b)
}

/** 128 random bits, as text that fits a URL. */
export const randomId = (): string => randomBytes(16).toString('base64url')
