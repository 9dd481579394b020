// Where Google Authenticator comes from. On a computer: two small QR codes in a fold, for the telephone's
// camera; never open beside the code that binds the phone. On a phone: a button to the store it has.

import QRCode from 'qrcode'
import type { VNode } from 'preact'
import type { Translate } from '../../../src/i18n.js'
import type { PhoneSystem } from '../phone.js'

const STORES = [
  {
    system: 'ios',
    label: 'enrol.store-apple',
    install: 'enrol.install-apple',
    address: 'https://apps.apple.com/app/google-authenticator/id388497605',
  },
  {
    system: 'android',
    label: 'enrol.store-google',
    install: 'enrol.install-google',
    address: 'https://play.google.com/store/apps/details?id=com.google.android.apps.authenticator2',
  },
] as const

/** A QR code as the address of a picture. */
export async function drawQrCode(text: string): Promise<string> {
  const svg = await QRCode.toString(text, { type: 'svg', errorCorrectionLevel: 'M', margin: 2 })
  return `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`
}

const PICTURED = await Promise.all(
  STORES.map(async (store) => ({ ...store, picture: await drawQrCode(store.address) })),
)

export function StoreQrCodes({ t }: { t: Translate }): VNode {
  return (
    <details class="fold stores">
      <summary>{t('enrol.not-yet')}</summary>
      <p>{t('enrol.not-yet-detail')}</p>
      <ul>
        {PICTURED.map(({ system, label, picture }) => (
          <li key={system}>
            <img src={picture} alt={t('enrol.store-qr-alt', { store: t(label) })} width="112" height="112" />
            {t(label)}
          </li>
        ))}
      </ul>
    </details>
  )
}

/** The store of this phone; both when it does not say which it has. */
export function InstallButtons({ system, t }: { system: PhoneSystem | undefined; t: Translate }): VNode {
  const stores = STORES.filter((store) => system === undefined || store.system === system)
  return (
    <p class="install">
      {stores.map(({ system: one, install, address }) => (
        <a key={one} class="secondary" href={address} rel="noreferrer">
          {t(install)}
        </a>
      ))}
    </p>
  )
}
