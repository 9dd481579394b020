// Every word a person reads, by language.

import type { Language } from '../language.js'
import { english } from './texts/english.js'
import { french } from './texts/french.js'

export type Texts = typeof french

export const texts: Record<Language, Texts> = { 'fr-CA': french, 'en': english }
