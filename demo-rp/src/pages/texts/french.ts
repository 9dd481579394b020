// The French of every page but the problems. Change english.ts in the same commit.

import type { DepositField } from '../../payroll/direct-deposit.js'
import type { DeductionName } from '../../payroll/deductions.js'
import type { JobName, UnitName } from '../../payroll/employee.js'
import type { EarningName } from '../../payroll/payroll.js'
import type { Shift } from '../../payroll/schedule.js'

export const french = {
  tagline: 'Paie, horaire et dossier',
  demonstration: 'Démonstration : aucune donnée de paie, d’horaire ou de dossier n’est réelle.',
  demonstrationBadge: 'Démonstration',
  otherLanguage: 'English',
  skip: 'Aller au contenu',
  tabs: { pay: 'Paie', schedule: 'Horaire', file: 'Mon dossier' },
  tabsLabel: 'Sections',
  error: 'Erreur',
  colon: '\u00A0:',
  problemCode: 'Code à mentionner si vous demandez de l’aide :',

  signOut: 'Se déconnecter',
  signOutHint: '« Se déconnecter » ferme eEspresso, puis votre session sur la page de connexion.',
  signedOut: 'Vous êtes déconnecté d’eEspresso',
  signedOutHint: 'Si vous partagez cet ordinateur, fermez aussi le navigateur.',
  signInAgain: 'Se connecter de nouveau',

  greeting: (name: string) => `Bonjour ${name}`,
  accessGiven: 'C’est fait\u00A0: vous avez maintenant accès à votre eEspresso.',
  nextAccess:
    'La prochaine fois, votre CIP, votre mot de passe et le code de Google Authenticator suffiront.',
  payOf: (date: string) => `Paie du ${date}`,
  statement: 'Bulletin de paie',
  lastPays: 'Vos six dernières paies',
  printHint:
    'Imprimez cette page ou enregistrez-la en PDF par le menu de votre navigateur : ' +
    'seul le bulletin paraît, sur une page.',
  period: 'Période',
  /** « du 8 au 21 novembre 2026 »: what both days share is said once. */
  fromTo: (from: string, to: string) => {
    const [day, ...monthAndYear] = from.split(/\s/)
    const isShared = to.split(/\s/).slice(1).join() === monthAndYear.join()
    return `du ${isShared ? day : from} au ${to}`
  },
  paidOn: 'Versement',
  payNumber: 'Numéro de paie',
  payNumberOf: (number: number, year: number) => `${number} de ${year}`,
  item: 'Description',
  thisPay: 'Cette paie',
  yearToDate: 'Cumulatif',
  earnings: 'Gains',
  gross: 'Salaire brut',
  deductions: 'Retenues',
  deducted: 'Total des retenues',
  net: 'Salaire net',
  hoursAt: (hours: string, rate: string) => `${hours} à ${rate}`,
  pay: {
    regular: 'Salaire régulier',
    vacation: 'Vacances',
    sick: 'Congé de maladie',
    compensatory: 'Reprise de temps compensé',
    overtime: 'Temps supplémentaire',
    evening: 'Prime de soir',
    federalTax: 'Impôt fédéral',
    quebecTax: 'Impôt du Québec',
    pensionPlan: 'Régime de rentes (RRQ)',
    parentalInsurance: 'Assurance parentale (RQAP)',
    employmentInsurance: 'Assurance-emploi (AE)',
    rregop: 'Régime de retraite (RREGOP)',
    union: 'Cotisation syndicale',
  } satisfies Record<EarningName | DeductionName, string>,
  banks: 'Banques d’heures',
  bankNames: { vacation: 'Vacances', sick: 'Maladie', compensatory: 'Temps compensé' },
  bank: 'Banque',
  bankBefore: (hours: string) => `Avant : ${hours}`,
  bankEarned: 'Acquis',
  bankTaken: 'Utilisé',
  bankBalance: 'Solde',

  schedule: 'Horaire',
  weekOf: (day: string) => `Semaine du ${day}`,
  day: 'Jour',
  hours: 'Heures',
  today: 'Aujourd’hui',
  dayOff: 'Congé',
  weekTotal: 'Heures payées',
  shifts: { day: 'de jour', evening: 'de soir' } satisfies Record<Shift, string>,
  meal: 'Chaque quart comprend une demi-heure de repas non payée.',

  file: 'Mon dossier',
  person: 'Coordonnées',
  name: 'Nom',
  cip: 'Nom d’utilisateur (CIP)',
  email: 'Courriel',
  job: 'Emploi',
  employeeNumber: 'Matricule',
  jobTitle: 'Titre d’emploi',
  step: 'Échelon',
  rate: 'Taux horaire',
  unit: 'Service',
  status: 'Statut',
  fullTime: 'Temps complet, 75 heures par paie',
  hiredOn: 'Embauche',
  jobs: {
    nurse: 'Infirmière ou infirmier',
    attendant: 'Préposée ou préposé aux bénéficiaires',
    respiratoryTherapist: 'Inhalothérapeute',
    clerk: 'Agente ou agent administratif',
  } satisfies Record<JobName, string>,
  units: {
    medicine: 'Médecine, 5ᵉ étage',
    emergency: 'Urgence',
    geriatrics: 'Gériatrie',
    dayCentre: 'Centre de jour',
  } satisfies Record<UnitName, string>,

  deposit: 'Dépôt direct',
  changeDeposit: 'Changer le dépôt direct',
  ending: (digits: string) => `se terminant par ${digits}`,
  dayAt: (day: string, time: string) => `${day} à ${time}`,
  depositSince: 'Modification',
  depositFrom: 'En vigueur',
  fromPay: (date: string) => `À partir de la paie du ${date}`,
  depositChanged: 'Votre dépôt direct est changé.',
  confirmFirst: 'Vous confirmerez d’abord votre identité : mot de passe, puis code à usage unique.',
  confirmHint:
    'Pour que personne d’autre ne change où va votre paie, eEspresso vous demande de vous identifier de nouveau : ' +
    'mot de passe, puis code à usage unique.',
  confirm: 'Confirmer de nouveau mon identité',
  confirmed: (time: string) => `Votre identité a été confirmée de nouveau à ${time}.`,
  confirmedUntil: (time: string) => `Vous avez jusqu’à ${time} pour enregistrer.`,
  confirmationOver: 'Votre confirmation a expiré ou a déjà servi. Rien n’a été changé.',
  invent: 'Ceci est une démonstration : inscrivez des numéros inventés, jamais les vôtres.',
  whereToFind: 'Ces numéros sont au bas d’un chèque et dans votre banque en ligne.',
  depositFields: {
    institution: { label: 'Numéro d’institution', hint: 'Trois chiffres. Exemple : 815' },
    transit: { label: 'Numéro de transit', hint: 'Cinq chiffres. Exemple : 20123' },
    account: { label: 'Numéro de compte', hint: 'De sept à douze chiffres.' },
  } satisfies Record<DepositField, object>,
  depositFaults: {
    institution: 'Le numéro d’institution a trois chiffres.',
    transit: 'Le numéro de transit a cinq chiffres.',
    account: 'Le numéro de compte a de sept à douze chiffres.',
  } satisfies Record<DepositField, string>,
  toCorrect: 'À corriger',
  saveDeposit: 'Enregistrer le dépôt direct',
  backToFile: 'Revenir à Mon dossier',

  technicians: 'Pour les techniciens',
  aboutClaims: 'Ce que le fournisseur d’identité a transmis à cette application.',
  acrHigh: 'double authentification',
  claim: 'Attribut',
  value: 'Valeur',
}
