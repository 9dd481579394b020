// The five steps of the printed procedure, with the QR code beside them; on a narrow screen it stands inside
// its step.

import type { VNode } from 'preact'
import { formatTime } from '../../../src/i18n.js'
import type { SignedVisit } from '../step.js'
import { Primary } from '../../views/form.js'
import { isoOf } from '../../views/moment.js'
import { NAME_TAG, PHONE, PLUS_SIGN, QR_IN_FRAME, SIX_DIGITS } from './drawings.js'
import { CodeField, DeviceNameField, KeyToType, OpenAuthenticator, QrCode, SetUpStep } from './pieces.js'
import type { SetUp } from './pieces.js'
import { StoreQrCodes } from './stores.js'

export function SetUpOnComputer(setUp: SetUp): VNode {
  const { t } = setUp.visit
  return (
    <ol class="steps">
      <SetUpStep drawing={PHONE}>
        <h2>{t('enrol.open')}</h2>
        <p>{t('enrol.open-detail')}</p>
        <StoreQrCodes t={t} />
      </SetUpStep>
      <SetUpStep drawing={PLUS_SIGN}>
        <h2>{t('enrol.scan')}</h2>
        <p>{t('enrol.scan-detail')}</p>
      </SetUpStep>
      <SetUpStep drawing={QR_IN_FRAME}>
        <h2>{t('enrol.point')}</h2>
        <QrCode {...setUp} />
        <div class="narrow">
          <p>{t('enrol.on-this-device')}</p>
          <OpenAuthenticator {...setUp} look="secondary" />
        </div>
        <details class="fold">
          <summary>{t('enrol.cannot-scan')}</summary>
          <KeyToType {...setUp} />
        </details>
      </SetUpStep>
      <SetUpStep drawing={SIX_DIGITS}>
        <CodeField {...setUp} />
      </SetUpStep>
      <SetUpStep drawing={NAME_TAG}>
        <DeviceNameField {...setUp} />
        <Primary>{t('enrol.submit')}</Primary>
      </SetUpStep>
    </ol>
  )
}

export function SameHour({ t, locale, now, config }: SignedVisit): VNode {
  return (
    <p class="note">
      {t('enrol.same-hour')}
      <br />
      {t('enrol.server-time')}{' '}
      <b>
        <time
          id="server-time"
          dateTime={isoOf(now)}
          data-at={now}
          data-locale={locale}
          data-time-zone={config.timeZone}
        >
          {formatTime(now, locale, config.timeZone)}
        </time>
      </b>
      <span id="server-time-still"> {t('enrol.server-time-still')}</span>
    </p>
  )
}
