// For whoever has this one device only: the account is added by a link, not by a camera. After a refusal the
// fields come first, within sight of what was refused, and adding the account folds away below them.

import type { VNode } from 'preact'
import { Primary } from '../../views/form.js'
import { NAME_TAG, PHONE, PLUS_SIGN, SIX_DIGITS } from './drawings.js'
import { CodeField, DeviceNameField, KeyToType, OpenAuthenticator, QrCode, SetUpStep } from './pieces.js'
import type { SetUp } from './pieces.js'
import { InstallButtons } from './stores.js'

const PROPOSED = { ios: 'enrol.device-name-ios', android: 'enrol.device-name-android' } as const

export function SetUpOnPhone(setUp: SetUp): VNode {
  const { t, phoneSystem } = setUp.visit
  const code = <CodeField {...setUp} />
  const name = <DeviceNameField {...setUp} proposed={proposedName(setUp)} />
  const submit = <Primary>{t('enrol.submit')}</Primary>
  if (setUp.refused !== undefined)
    return (
      <>
        {code}
        {name}
        {submit}
        <details class="fold">
          <summary>{t('enrol.add-again')}</summary>
          <InstallButtons system={phoneSystem} t={t} />
          <AddAccount {...setUp} />
        </details>
      </>
    )
  return (
    <ol class="steps adding">
      <SetUpStep drawing={PHONE}>
        <h2>{t('enrol.install')}</h2>
        <InstallButtons system={phoneSystem} t={t} />
      </SetUpStep>
      <SetUpStep drawing={PLUS_SIGN}>
        <h2>{t('enrol.add')}</h2>
        <AddAccount {...setUp} />
      </SetUpStep>
      <SetUpStep drawing={SIX_DIGITS}>{code}</SetUpStep>
      <SetUpStep drawing={NAME_TAG}>
        {name}
        {submit}
      </SetUpStep>
    </ol>
  )
}

function AddAccount(setUp: SetUp): VNode {
  const { t } = setUp.visit
  return (
    <>
      <OpenAuthenticator {...setUp} look={setUp.refused === undefined ? 'primary' : 'secondary'} />
      <p>{t('enrol.come-back')}</p>
      <details class="fold">
        <summary>{t('enrol.nothing-opens')}</summary>
        <KeyToType {...setUp} />
      </details>
      <details class="fold">
        <summary>{t('enrol.show-qr')}</summary>
        <QrCode {...setUp} />
      </details>
    </>
  )
}

function proposedName({ visit: { t, phoneSystem } }: SetUp): string {
  return phoneSystem === undefined ? '' : t(PROPOSED[phoneSystem])
}
