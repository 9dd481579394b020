// Text into HTML, escaped by default. The only way a page puts a value on the screen.

export class Html {
  readonly source: string

  constructor(source: string) {
    this.source = source
  }
}

export type Content = string | number | Html | undefined | readonly Content[]

export function html(parts: TemplateStringsArray, ...values: Content[]): Html {
  return new Html(parts.map((part, index) => part + render(values[index])).join(''))
}

function render(value: Content): string {
  if (value === undefined) return ''
  if (value instanceof Html) return value.source
  if (typeof value === 'object') return value.map((item) => render(item)).join('')
  return String(value).replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`)
}
