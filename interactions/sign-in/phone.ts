// What a browser says of the machine it runs on. It chooses which way to set up a phone is shown first, and
// nothing else: anybody may claim anything.

export type PhoneSystem = 'ios' | 'android'

export type Machine = { isPhone: boolean; phoneSystem: PhoneSystem | undefined }

/** By `User-Agent`, and by `Sec-CH-UA-Mobile`, which some browsers send instead of the truth. */
export function readMachine(userAgent: string, mobileHint: string): Machine {
  const phoneSystem = /iPhone/.test(userAgent)
    ? 'ios'
    : /Android.+Mobile/.test(userAgent) || (mobileHint === '?1' && /Android/.test(userAgent))
      ? 'android'
      : undefined
  return { isPhone: phoneSystem !== undefined || mobileHint === '?1', phoneSystem }
}
