// What can go wrong, in both languages. Change both in the same commit.

import type { Language } from '../../language.js'

const french = {
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
}

const english: typeof french = {
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
}

export const problemTexts: Record<Language, typeof french> = { 'fr-CA': french, 'en': english }
