// Which browser a request comes from, for a person who shall know it again: «Firefox (Windows)». Names of our
// own alone, so that nothing a stranger has written gets into a mail. Pure.

// The first that fits: most browsers also call themselves Chrome, Safari or Mozilla.
const BROWSERS: [name: string, mark: RegExp][] = [
  ['Edge', /\bEdg(?:e|A|iOS)?\//],
  ['Opera', /\bOPR\//],
  ['Samsung Internet', /\bSamsungBrowser\//],
  ['Firefox', /\b(?:Firefox|FxiOS)\//],
  ['Chrome', /\b(?:Chrome|CriOS)\//],
  ['Safari', /\bVersion\/\S+ .*Safari\//],
]
const SYSTEMS: [name: string, mark: RegExp][] = [
  ['iPhone', /\biPhone\b/],
  ['iPad', /\biPad\b/],
  ['Android', /\bAndroid\b/],
  ['ChromeOS', /\bCrOS\b/],
  ['Windows', /\bWindows\b/],
  ['Mac', /\bMacintosh\b/],
  ['Linux', /\bLinux\b/],
]
/** A header may be as long as a stranger likes. */
const MOST_CHARACTERS = 512

/** From the header `User-Agent`; undefined for a browser that is none of these. */
export function browserNameOf(userAgent: string): string | undefined {
  const found = (names: typeof BROWSERS): string | undefined =>
    names.find(([, mark]) => mark.test(userAgent.slice(0, MOST_CHARACTERS)))?.[0]
  const [browser, system] = [found(BROWSERS), found(SYSTEMS)]
  return browser === undefined || system === undefined ? browser : `${browser} (${system})`
}
