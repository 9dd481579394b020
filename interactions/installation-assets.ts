// What an installation adds to our own assets: its logo, and a style sheet with its accent colour.

import { darkAccentOf, paletteOf, type Palette } from '../src/organisation/accent.js'
import type { PageSettings } from './page-settings.js'

type Settings = Pick<PageSettings, 'accentColour' | 'accentColourDark' | 'organisationLogo'>

/** As in style.css. */
const SHIPPED_BAND = { light: '#142a40', dark: '#0a1118' }

export function installationAssets({
  accentColour,
  accentColourDark,
  organisationLogo,
}: Settings): { name: string; content: Buffer }[] {
  const accent = accentColour === undefined ? [] : [accentStyle(accentColour, accentColourDark)]
  return [...accent, ...(organisationLogo === undefined ? [] : [organisationLogo])]
}

/** Of the band at the top, for the browser's own frame around the page. */
export function bandColours({
  accentColour: light,
  accentColourDark: dark,
}: Pick<Settings, 'accentColour' | 'accentColourDark'>): { light: string; dark: string } {
  if (light === undefined) return SHIPPED_BAND
  return {
    light: paletteOf(light, 'light').band,
    dark: paletteOf(dark ?? darkAccentOf(light), 'dark').band,
  }
}

function accentStyle(light: string, dark = darkAccentOf(light)): { name: string; content: Buffer } {
  const css = `:root {${colours(paletteOf(light, 'light'))}}
@media (prefers-color-scheme: dark) {
  :root {${colours(paletteOf(dark, 'dark'))}}
}
`
  return { name: 'accent.css', content: Buffer.from(css) }
}

const colours = ({ accent, accentStrong, tint, focus, band }: Palette): string =>
  ` --accent: ${accent}; --accent-strong: ${accentStrong}; --tint: ${tint}; --focus: ${focus}; --band: ${band}; `
