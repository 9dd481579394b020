// The accent colour of the pages, and what is made of it: a darker one for what is pressed, a tint, a lighter
// pair for dark mode. People must be able to read what is written in it (WCAG 2.2 AA, 1.4.3). Pure.

export type Palette = { accent: string; accentStrong: string; tint: string; focus: string; band: string }

type Colour = readonly [red: number, green: number, blue: number]

/** What the accent stands on, in style.css. */
const GROUNDS = {
  light: { card: '#ffffff', page: '#f2f5f8', away: '#000000' },
  dark: { card: '#16212c', page: '#0e161e', away: '#ffffff' },
}
type Mode = keyof typeof GROUNDS

/** Text of an ordinary size (WCAG 2.2, 1.4.3). */
export const LEAST_CONTRAST = 4.5
/** What a derived accent reaches: more than it must, so that nobody has to think about it. */
const GOOD_CONTRAST = 5.5
const BAND = '#10181f'

/** The accent as it is in dark mode, when nobody has said: lightened until it reads well. */
export function darkAccentOf(accent: string): string {
  for (let share = 0; share < 1; share += 0.05) {
    const lighter = mix(accent, GROUNDS.dark.away, share)
    if (contrastOn(lighter, 'dark') >= GOOD_CONTRAST) return lighter
  }
  return GROUNDS.dark.away
}

/** The least contrast of the accent to anything it is read on; text on a button of it included. */
export function contrastOn(accent: string, mode: Mode): number {
  const { card, page } = GROUNDS[mode]
  return Math.min(...[card, page, tintOf(accent, mode)].map((ground) => contrast(accent, ground)))
}

export function paletteOf(accent: string, mode: Mode): Palette {
  return {
    accent,
    accentStrong: mix(accent, GROUNDS[mode].away, 0.28),
    tint: tintOf(accent, mode),
    focus: mix(accent, GROUNDS[mode === 'light' ? 'dark' : 'light'].card, 0.25),
    band: mode === 'light' ? mix(accent, BAND, 0.62) : mix(accent, '#080d12', 0.9),
  }
}

const tintOf = (accent: string, mode: Mode): string =>
  mix(GROUNDS[mode].card, accent, mode === 'light' ? 0.09 : 0.12)

/** WCAG 2.2: from 1 to 21. */
export function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a)
  return (light + 0.05) / (dark + 0.05)
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = parse(colour).map((value) => {
    const part = value / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function mix(one: string, other: string, share: number): string {
  const [from, to] = [parse(one), parse(other)]
  const parts = from.map((value, index) => Math.round(value + ((to[index] ?? 0) - value) * share))
  return `#${parts.map((value) => value.toString(16).padStart(2, '0')).join('')}`
}

const parse = (colour: string): Colour => {
  const part = (start: number): number => Number.parseInt(colour.slice(start, start + 2), 16)
  return [part(1), part(3), part(5)]
}
