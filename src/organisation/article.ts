// «du CIUSSS», «de la Clinique», «de l’Hôpital», «des Services partagés»: what stands before an organisation's
// name in French. Known for the words such names begin with; for another one it is «de», which is right for a
// proper name, unless the operator says otherwise. Pure.

export const ARTICLES = ['du', 'de la', 'de l’', 'des', 'de', 'd’'] as const
export type Article = (typeof ARTICLES)[number]

const BY_FIRST_WORD: Record<Exclude<Article, 'de' | 'd’'>, string> = {
  'du': `
    bureau campus cegep centre chsld chu chul chum chus cisss ciusss cjm clsc collaboratif college comite
    complexe conseil crdi crdp crdv cusm departement dispensaire foyer gmf groupe laboratoire manoir
    ministere mssss pavillon programme regroupement reseau sanatorium secretariat service syndicat`,
  'de la': `
    cite clinique commission cooperative corporation direction faculte federation fondation halte maison
    mrc municipalite polyclinique ramq regie residence societe table ville villa`,
  'de l’': `
    academie administration agence alliance association autorite ecole ensemble entreprise equipe
    etablissement habitation hopital hospice hotel hotel-dieu institut institution iucpq office ordre
    organisation organisme union unite universite urgence`,
  'des': 'centres cliniques hopitaux laboratoires ressources residences services soins',
}

const ARTICLE_OF = new Map(
  ARTICLES.flatMap((article) =>
    article === 'de' || article === 'd’'
      ? []
      : BY_FIRST_WORD[article]
          .trim()
          .split(/\s+/)
          .map((word) => [word, article] as const),
  ),
)

/** The article that is part of the name itself: «Le Centre», «L’Hôpital». */
const OWN_ARTICLE = /^(?:le|la|les)\s+|^l['’]\s*/iu
/** Sounded as one, a mute h included: «Hydro-Québec», but «Haute-Mauricie». */
const VOWEL = /^(?:[aeiouàâäæéèêëîïôöœùûü]|h(?!a))/iu
const ACRONYM = /^\p{Lu}{2,}$/u

/** The name with what belongs before it: «du CIUSSS de l’Estrie – CHUS». */
export function ofOrganisation(name: string, said?: Article): string {
  const own = OWN_ARTICLE.exec(name)?.[0]
  const bare = own === undefined ? name : name.slice(own.length)
  const article = said ?? (own === undefined ? articleOf(name) : contracted(own))
  return `${article}${article.endsWith('’') ? '' : ' '}${said === undefined ? bare : name}`
}

function articleOf(name: string): Article {
  const [word = ''] = name.split(/[\s,–]+/)
  const known = ARTICLE_OF.get(fold(word)) ?? ARTICLE_OF.get(fold(word.split('-')[0] ?? ''))
  if (known !== undefined) return known
  if (!VOWEL.test(word)) return 'de'
  return ACRONYM.test(word) ? 'de l’' : 'd’' // «de l’INESSS», but «d’Héma-Québec», «d’Urgences-santé»
}

/** What «de» becomes before the name's own article. */
function contracted(own: string): Article {
  const article = own.trim().toLowerCase()
  if (article === 'le') return 'du'
  if (article === 'les') return 'des'
  return article === 'la' ? 'de la' : 'de l’'
}

const fold = (word: string): string => word.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
