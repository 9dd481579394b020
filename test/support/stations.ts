// The stations above a page, as a screen reader has them: « Connexion ✓ · Téléphone ● · eEspresso ○ ».

const SIGNS: Record<string, string> = { '(fait)': '✓', '(en cours)': '●', '(à venir)': '○' }

/** Empty where there are none. Of the one that is current the markup must say so too. */
export function stationsIn(html: string): string {
  const list = /<ol class="stations"[^>]*>([\s\S]*?)<\/ol>/.exec(html)?.[1] ?? ''
  return [...list.matchAll(/<li([^>]*)>([\s\S]*?)<\/li>/g)]
    .map(([, attributes = '', inside = '']) => {
      const [, name = '', state = ''] = /^(.*) (\(.*\))$/.exec(inside.replace(/<[^>]+>/g, '')) ?? []
      const isCurrent = attributes.includes('aria-current="step"')
      return isCurrent === (state === '(en cours)')
        ? `${name} ${SIGNS[state] ?? state}`
        : `${name} is current to some alone`
    })
    .join(' · ')
}
