import { describe, expect, test } from '@jest/globals'
import {
  contrast,
  contrastOn,
  darkAccentOf,
  LEAST_CONTRAST,
  paletteOf,
} from '../../src/organisation/accent.js'
import { ofOrganisation } from '../../src/organisation/article.js'
import { createOrganisation, type OrganisationSettings } from '../../src/organisation/organisation.js'
import { parseOpeningHours } from '../../src/organisation/opening-hours.js'
import { parsePhone } from '../../src/organisation/phone-number.js'

describe('what stands before the name in French', () => {
  test.each([
    ['CIUSSS de l’Estrie – CHUS', 'du CIUSSS de l’Estrie – CHUS'],
    ['CISSS des Laurentides', 'du CISSS des Laurentides'],
    ['CHUM', 'du CHUM'],
    ['CHU Sainte-Justine', 'du CHU Sainte-Justine'],
    ['CUSM', 'du CUSM'],
    ['Centre hospitalier universitaire', 'du Centre hospitalier universitaire'],
    ['Hôpital du Sacré-Cœur', 'de l’Hôpital du Sacré-Cœur'],
    ['hôpital Sainte-Marie', 'de l’hôpital Sainte-Marie'],
    ['Hôtel-Dieu de Lévis', 'de l’Hôtel-Dieu de Lévis'],
    ['Institut de cardiologie', 'de l’Institut de cardiologie'],
    ['Université de Sherbrooke', 'de l’Université de Sherbrooke'],
    ['INESSS', 'de l’INESSS'],
    ['Services partagés', 'des Services partagés'],
    ['Clinique médicale du Nord', 'de la Clinique médicale du Nord'],
    ['RAMQ', 'de la RAMQ'],
    ['Le Centre jeunesse', 'du Centre jeunesse'],
    ['La Maison bleue', 'de la Maison bleue'],
    ['Les Habitations du Parc', 'des Habitations du Parc'],
    ["L'Étape", 'de l’Étape'],
    ['Santé Québec', 'de Santé Québec'],
    ['Héma-Québec', 'd’Héma-Québec'],
    ['Urgences-santé', 'd’Urgences-santé'],
    ['Haute-Mauricie', 'de Haute-Mauricie'],
  ])('%s: %s', (name, shown) => {
    expect(ofOrganisation(name)).toBe(shown)
  })

  test('the operator’s word counts for more', () => {
    expect(ofOrganisation('Grappe régionale', 'de la')).toBe('de la Grappe régionale')
    expect(ofOrganisation('Centre A', 'de l’')).toBe('de l’Centre A')
  })
})

describe('what can be dialled', () => {
  test.each([
    ['819-829-3232', '', '819-829-3232', '', '8198293232', 'everybody'],
    ['1-833-829-3232', '', '1-833-829-3232', '', '18338293232', 'everybody'],
    ['+1 (819) 829-3232', '', '+1 (819) 829-3232', '', '+18198293232', 'everybody'],
    ['(819) 829-3232', '', '(819) 829-3232', '', '8198293232', 'everybody'],
    ['811', '', '811', '', '811', 'everybody'],
    ['819-829-3232, poste 13232', '', '819-829-3232', ', poste 13232', '8198293232', 'everybody'],
    ['poste 13232', 'poste ', '13232', '', '13232', 'inside'],
    ['extension 13232', 'extension ', '13232', '', '13232', 'inside'],
    ['13232', '', '13232', '', '13232', 'nobody'],
    ['1 800 INFO-SANTE', '', '1 800', ' INFO-SANTE', '1800', 'nobody'],
    ['au comptoir', 'au comptoir', '', '', '', 'nobody'],
    ['', '', '', '', '', 'nobody'],
  ])('%j', (text, ...parts) => {
    const [before, shown, after, dialled, isFor] = parts
    expect(parsePhone(text)).toEqual({ before, shown, after, dialled, isFor })
  })
})

describe('whom to call', () => {
  const settings: OrganisationSettings = {
    organisationName: 'CIUSSS de démonstration',
    organisationNameEn: undefined,
    organisationShortName: undefined,
    organisationArticle: undefined,
    supportPhones: [
      { label: 'De l’interne', number: 'poste 13232' },
      { label: 'Sans frais', number: '1-833-829-3232' },
    ],
    supportPhonesEn: [],
    supportHours: [{ label: 'sans\u00a0FRAIS ', hours: parseOpeningHours('lun-ven 07:00-21:00') ?? [] }],
    defaultLocale: 'fr-CA',
    timeZone: 'America/Toronto',
  }
  const evening = Date.parse('2026-11-25T22:00-05:00')

  test('a line has its own hours, however its label was typed, and another one none', () => {
    const { answered, lines } = createOrganisation(settings).supportIn('fr-CA', evening)
    expect(answered).toBeUndefined()
    expect(lines.map((line) => line.answered)).toEqual([
      undefined,
      { hours: 'lundi au vendredi, 7\u00a0h à 21\u00a0h', isOpen: false },
    ])
  })

  test('hours without a label are those of all, said once', () => {
    const hours = parseOpeningHours('lun-dim 00:00-24:00') ?? []
    const all = createOrganisation({ ...settings, supportHours: [{ label: undefined, hours }] })
    const { answered, lines } = all.supportIn('en', evening)
    expect(answered?.isOpen).toBe(true)
    expect(lines.map((line) => line.answered)).toEqual([undefined, undefined])
  })

  test('English labels stand where there are some, with the hours of their line; French is French', () => {
    const supportPhonesEn = [
      { label: 'Internal', number: 'extension 13232' },
      { label: 'Toll-free', number: '1-833-829-3232' },
    ]
    const organisation = createOrganisation({ ...settings, supportPhonesEn })
    const shown = (locale: 'fr-CA' | 'en') =>
      organisation
        .supportIn(locale, evening)
        .lines.map((line) => [line.label, line.locale, line.answered?.isOpen])
    expect(shown('en')).toEqual([
      ['Internal', 'en', undefined],
      ['Toll-free', 'en', false],
    ])
    expect(shown('fr-CA').map(([label]) => label)).toEqual(['De l’interne', 'Sans frais'])
    expect(createOrganisation(settings).supportIn('en', evening).lines[0]?.locale).toBe('fr-CA')
  })
})

describe('the accent colour (WCAG 2.2, 1.4.3)', () => {
  test('contrast is that of the recommendation', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5)
    expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.478, 3) // the grey that just fails
    expect(contrast('#ffffff', '#095797')).toBe(contrast('#095797', '#ffffff'))
  })

  test.each(['#095797', '#8b1a1a', '#006644', '#5a2d82', '#333333', '#000000', '#7a4b00'])(
    'of %s a dark mode, and all else, can be made that reads well',
    (accent) => {
      const dark = darkAccentOf(accent)
      expect(contrastOn(accent, 'light')).toBeGreaterThanOrEqual(LEAST_CONTRAST)
      expect(contrastOn(dark, 'dark')).toBeGreaterThanOrEqual(LEAST_CONTRAST)
      for (const [colour, mode, button, field] of [
        [accent, 'light', '#ffffff', '#ffffff'],
        [dark, 'dark', '#16212c', '#16212c'],
      ] as const) {
        const { accentStrong, tint, focus, band } = paletteOf(colour, mode)
        expect(contrast(accentStrong, button)).toBeGreaterThanOrEqual(LEAST_CONTRAST)
        expect(contrast(accentStrong, tint)).toBeGreaterThanOrEqual(LEAST_CONTRAST)
        expect(contrast('#e8edf2', band)).toBeGreaterThanOrEqual(LEAST_CONTRAST)
        expect(contrast(focus, field)).toBeGreaterThanOrEqual(3) // 1.4.11
      }
      expect(contrast('#54616e', paletteOf(accent, 'light').tint)).toBeGreaterThanOrEqual(LEAST_CONTRAST)
      expect(contrast('#a7b3bf', paletteOf(dark, 'dark').tint)).toBeGreaterThanOrEqual(LEAST_CONTRAST)
    },
  )

  test('a colour too pale to read is told by its contrast', () => {
    expect(contrastOn('#ff9900', 'light')).toBeLessThan(LEAST_CONTRAST)
    expect(contrastOn('#777777', 'light')).toBeLessThan(LEAST_CONTRAST)
    expect(contrastOn('#095797', 'dark')).toBeLessThan(LEAST_CONTRAST)
  })
})
