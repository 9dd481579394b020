// Every word a person reads, in both languages. Change both in the same commit.

import type { Language } from '../language.js'

const french = {
  aboutClaims: 'Ce que le fournisseur d’identité a transmis',
  acrHigh: 'double authentification',
  amount: 'Montant',
  claim: 'Attribut',
  confirm: 'Confirmer de nouveau mon identité',
  confirmed: (time: string) => `Votre identité a été confirmée de nouveau le ${time}.`,
  confirmHint: 'Avant une opération délicate, eEspresso peut demander que vous vous identifiiez de nouveau.',
  dayOff: 'Congé',
  day: 'Jour',
  deductions: 'Retenues',
  deductionsTotal: 'Total des retenues',
  demonstration: 'Démonstration : aucune donnée de paie ni d’horaire n’est réelle.',
  demonstrationBadge: 'Démonstration',
  earnings: 'Gains',
  greeting: (name: string) => `Bonjour ${name}`,
  gross: 'Salaire brut',
  hours: 'Heures',
  item: 'Description',
  net: 'Salaire net',
  otherLanguage: 'English',
  payDate: (date: string) => `Versement le ${date}`,
  period: (from: string, to: string) => `Période du ${from} au ${to}`,
  schedule: 'Horaire de la semaine prochaine',
  security: 'Identité et sécurité',
  signInAgain: 'Se connecter de nouveau',
  signOut: 'Se déconnecter',
  signedOut: 'Vous êtes déconnecté d’eEspresso',
  signedOutHint: 'Si vous partagez cet ordinateur, fermez aussi le navigateur.',
  statement: 'Bulletin de paie',
  tagline: 'Paie et horaires',
  value: 'Valeur',
  pay: {
    regular: 'Salaire régulier (70 h)',
    evening: 'Prime de soir (15 h)',
    federalTax: 'Impôt fédéral',
    quebecTax: 'Impôt du Québec',
    qpp: 'Régime de rentes du Québec (RRQ)',
    qpip: 'Régime québécois d’assurance parentale (RQAP)',
    insurance: 'Assurance-emploi',
    rregop: 'Régime de retraite (RREGOP)',
  },
  units: { medicine: 'Médecine, 5ᵉ étage', emergency: 'Urgence' },
  problems: {
    'sign-in-unknown': {
      title: 'Cette connexion n’est plus valable',
      explanation:
        'Elle a expiré, elle a déjà servi ou elle a été commencée dans un autre navigateur. ' +
        'Recommencez : cela prend un instant.',
      wayOn: 'Réessayer',
    },
    'bad-link': {
      title: 'Ce lien ne peut pas être suivi',
      explanation:
        'La demande ne vient pas d’eEspresso ou nomme une adresse qui n’est pas la nôtre. ' +
        'Ouvrez eEspresso directement.',
      wayOn: 'Ouvrir eEspresso',
    },
    'bug': {
      title: 'Une erreur est survenue',
      explanation: 'Ce n’est pas votre faute. Réessayez dans un instant.',
      wayOn: 'Réessayer',
    },
    'not-found': {
      title: 'Cette page n’existe pas',
      explanation: 'L’adresse a peut-être été mal recopiée.',
      wayOn: 'Ouvrir eEspresso',
    },
    'not-fresh': {
      title: 'Votre identité n’a pas été confirmée',
      explanation:
        'Le fournisseur d’identité ne vous a pas demandé de nouveau vos deux facteurs. ' +
        'Votre session reste ouverte.',
      wayOn: 'Revenir à eEspresso',
    },
    'other-person': {
      title: 'Votre identité n’a pas été confirmée',
      explanation:
        'Une autre personne s’est identifiée. ' +
        'Votre session reste ouverte; si ce n’est pas vous, déconnectez-vous.',
      wayOn: 'Revenir à eEspresso',
    },
    'provider-unavailable': {
      title: 'La page de connexion ne répond pas',
      explanation:
        'eEspresso ne peut pas joindre le fournisseur d’identité en ce moment. ' +
        'Réessayez dans quelques minutes.',
      wayOn: 'Réessayer',
    },
    'refused': {
      title: 'La connexion n’a pas abouti',
      explanation: 'Elle a été annulée ou refusée. Vous pouvez recommencer.',
      wayOn: 'Réessayer',
    },
  },
  problemCode: 'Code à mentionner si vous demandez de l’aide :',
}

const english: typeof french = {
  aboutClaims: 'What the identity provider transmitted',
  acrHigh: 'two-factor authentication',
  amount: 'Amount',
  claim: 'Claim',
  confirm: 'Confirm my identity again',
  confirmed: (time) => `Your identity was confirmed again on ${time}.`,
  confirmHint: 'Before a sensitive operation, eEspresso can ask you to identify yourself again.',
  dayOff: 'Day off',
  day: 'Day',
  deductions: 'Deductions',
  deductionsTotal: 'Total deductions',
  demonstration: 'Demonstration: no pay or schedule data is real.',
  demonstrationBadge: 'Demonstration',
  earnings: 'Earnings',
  greeting: (name) => `Hello ${name}`,
  gross: 'Gross pay',
  hours: 'Hours',
  item: 'Description',
  net: 'Net pay',
  otherLanguage: 'Français',
  payDate: (date) => `Paid on ${date}`,
  period: (from, to) => `Period from ${from} to ${to}`,
  schedule: 'Next week’s schedule',
  security: 'Identity and security',
  signInAgain: 'Sign in again',
  signOut: 'Sign out',
  signedOut: 'You are signed out of eEspresso',
  signedOutHint: 'If you share this computer, close the browser too.',
  statement: 'Pay statement',
  tagline: 'Pay and schedules',
  value: 'Value',
  pay: {
    regular: 'Regular pay (70 h)',
    evening: 'Evening premium (15 h)',
    federalTax: 'Federal income tax',
    quebecTax: 'Québec income tax',
    qpp: 'Québec Pension Plan (QPP)',
    qpip: 'Québec Parental Insurance Plan (QPIP)',
    insurance: 'Employment insurance',
    rregop: 'Pension plan (RREGOP)',
  },
  units: { medicine: 'Medicine, 5th floor', emergency: 'Emergency' },
  problems: {
    'sign-in-unknown': {
      title: 'This sign-in is no longer valid',
      explanation:
        'It has expired, was already used, or was begun in another browser. Start again: it takes a moment.',
      wayOn: 'Try again',
    },
    'bad-link': {
      title: 'This link cannot be followed',
      explanation:
        'The request does not come from eEspresso or names an address that is not ours. ' +
        'Open eEspresso directly.',
      wayOn: 'Open eEspresso',
    },
    'bug': {
      title: 'Something went wrong',
      explanation: 'It is not your fault. Try again in a moment.',
      wayOn: 'Try again',
    },
    'not-found': {
      title: 'This page does not exist',
      explanation: 'The address may have been copied wrongly.',
      wayOn: 'Open eEspresso',
    },
    'not-fresh': {
      title: 'Your identity was not confirmed',
      explanation: 'The identity provider did not ask you for both factors again. Your session stays open.',
      wayOn: 'Back to eEspresso',
    },
    'other-person': {
      title: 'Your identity was not confirmed',
      explanation:
        'Another person identified themselves. Your session stays open; if it is not yours, sign out.',
      wayOn: 'Back to eEspresso',
    },
    'provider-unavailable': {
      title: 'The sign-in page is not answering',
      explanation: 'eEspresso cannot reach the identity provider at the moment. Try again in a few minutes.',
      wayOn: 'Try again',
    },
    'refused': {
      title: 'The sign-in did not complete',
      explanation: 'It was cancelled or refused. You can start again.',
      wayOn: 'Try again',
    },
  },
  problemCode: 'Code to mention if you ask for help:',
}

export type Texts = typeof french

export const texts: Record<Language, Texts> = { 'fr-CA': french, 'en': english }
