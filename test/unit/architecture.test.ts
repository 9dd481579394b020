// The import rules, and the few habits no linter knows. Reads the sources as text; what oxlint and the
// compiler already refuse (any, !, enums, default exports, process.env, unused code) is not looked at again.

import { describe, expect, test } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { packageRoot } from '../../src/config/package-root.js'

type Layer = {
  name: string
  files: RegExp
  /** The layers it may import, all of them further up in this list. */
  may: readonly string[]
  /** Those it may know by type alone (`import type`). */
  types?: readonly string[]
  /** Packages it may import; Node's own modules are open to all. */
  foreign: RegExp
}

const NODE = /^node:/
const NO_PACKAGE = /^$/
const NOT_HTTP_DATABASE_OR_PROTOCOL = /^(?!koa|@koa\/|knex|sqlite3$|pg$|oidc-provider|preact)/
const SERVICES = [
  'errors',
  'networks',
  'key-ring',
  'i18n',
  'organisation',
  'limits',
  'rate-limits',
  'queue',
  'audit',
  'mail',
  'keys',
  'accounts',
  'second-factors',
  'sign-ins',
  'account-actions',
]

/** From the bottom to the top: nobody imports what stands further down, so no import goes in a circle. */
const LAYERS: Layer[] = [
  { name: 'db', files: /^db\//, may: [], foreign: /^(knex$|knex\/|sqlite3$|pg$)/ },
  service('errors', [], []),
  service('networks', [], []),
  service('key-ring', ['errors'], []),
  { name: 'locales', files: /^interactions\/locales\//, may: [], foreign: NO_PACKAGE },
  service('i18n', ['locales'], []),
  service('organisation', ['i18n'], []),
  { name: 'metrics', files: /^src\/metrics\//, may: [], types: ['db'], foreign: /^prom-client$/ },
  {
    name: 'config',
    files: /^src\/config\//,
    may: ['errors', 'networks', 'organisation'],
    types: ['key-ring'],
    foreign: NOT_HTTP_DATABASE_OR_PROTOCOL,
  },
  {
    name: 'http',
    files: /^src\/http\//,
    may: ['errors', 'key-ring', 'i18n', 'networks'],
    foreign: /^(?!knex|oidc-provider)/,
  },
  service('limits', [], []),
  service('rate-limits', ['limits']),
  service('queue', []),
  service('audit', ['key-ring', 'rate-limits']),
  service('mail', ['key-ring', 'i18n', 'queue']),
  service('keys', ['errors', 'key-ring', 'audit']),
  service('accounts', ['errors', 'key-ring', 'i18n', 'rate-limits', 'queue', 'audit', 'mail']),
  service('second-factors', ['errors', 'key-ring', 'i18n', 'rate-limits', 'audit', 'mail', 'accounts']),
  service('sign-ins', [
    'errors',
    'key-ring',
    'i18n',
    'networks',
    'limits',
    'rate-limits',
    'audit',
    'mail',
    'accounts',
    'second-factors',
  ]),
  service('account-actions', ['rate-limits', 'audit', 'mail', 'accounts', 'second-factors', 'sign-ins']),
  {
    name: 'protocol',
    files: /^src\/oidc\//,
    may: ['http', ...SERVICES],
    types: ['db', 'config'],
    foreign: /^(?!@koa\/|knex|preact)/,
  },
  {
    name: 'mails',
    files: /^interactions\/mails\//,
    may: ['i18n', 'organisation'],
    types: ['mail'],
    foreign: /^preact/,
  },
  {
    name: 'pages',
    files: /^interactions\//,
    may: ['http', ...SERVICES],
    types: ['protocol'], // never the whole configuration, with its master keys
    foreign: /^(?!knex|sqlite3$|pg$)/,
  },
  {
    name: 'programs',
    files: /^src\/((app|background|cli|main|server|services)\.ts$|cli\/|demo\/)/,
    may: ['db', 'metrics', 'config', 'http', ...SERVICES, 'protocol', 'mails', 'pages'],
    foreign: /./,
  },
]

/**
 * Services know each other's public face and the repositories' types: no HTTP, no SQL, no protocol library.
 */
function service(name: string, may: readonly string[], types: readonly string[] = ['db']): Layer {
  return {
    name,
    files: new RegExp(`^src/${name}(/|\\.ts$)`),
    may,
    types,
    foreign: NOT_HTTP_DATABASE_OR_PROTOCOL,
  }
}

type Import = { specifier: string; target: string | undefined; isType: boolean }
type Source = { path: string; text: string; code: string; layer: Layer | undefined; imports: Import[] }

const root = packageRoot()
const ours = ['src', 'interactions', 'db'].flatMap(sourcesUnder)
const demo = ['demo-rp/src', 'demo-rp/test'].flatMap(sourcesUnder)
const tests = sourcesUnder('test')
const all = [...ours, ...demo, ...tests]

describe('the layers', () => {
  test('every file belongs to one', () => {
    expect(ours.filter(({ layer }) => layer === undefined).map(({ path }) => path)).toEqual([])
  })

  test('each names only layers that stand above it in the list', () => {
    const faults = LAYERS.flatMap(({ name, may, types = [] }, index) =>
      [...may, ...types]
        .filter((other) => !LAYERS.slice(0, index).some((above) => above.name === other))
        .map((other) => `${name} names ${other}`),
    )
    expect(faults).toEqual([])
  })

  for (const layer of LAYERS.filter(({ name }) => name !== 'locales')) {
    test(`${layer.name} imports only what it may know`, () => {
      const files = ours.filter((source) => source.layer === layer)
      expect(files).not.toEqual([])
      expect(
        files.flatMap((source) =>
          source.imports.filter((one) => !isAllowed(layer, one)).map((one) => said(source, one)),
        ),
      ).toEqual([])
    })
  }

  test('at most fourteen files lie loose in src', () => {
    expect(under(/^src\/[^/]+$/).length).toBeLessThanOrEqual(14)
  })

  test('a step imports no other step', () => {
    const steps = under(/^interactions\/sign-in\/steps\//)
    expect(steps).not.toEqual([])
    expect(importsOf(steps, /^interactions\/sign-in\/steps\//)).toEqual([])
  })

  test('a step never redirects and never answers by itself', () => {
    expect(
      linesWith(under(/^interactions\/sign-in\/steps\//), /\.redirect\(|\.(status|body) = |\bctx\b/),
    ).toEqual([])
  })

  test('only src/oidc/library touches what oidc-provider does not publish', () => {
    const isDoor = ({ path }: Source) => /^(src\/oidc|test\/http)\/library\//.test(path)
    const outside = all.filter((source) => !isDoor(source))
    expect(
      outside.flatMap((source) =>
        source.imports
          .filter(({ specifier }) => specifier.startsWith('oidc-provider/'))
          .map((one) => said(source, one)),
      ),
    ).toEqual([])
    const near = outside.filter(({ layer }) => /^(protocol|pages|programs)$/.test(layer?.name ?? ''))
    expect(near.map(({ path }) => path)).toContain('src/oidc/provider.ts')
    expect(linesWith(near, /\bas unknown as\b|@ts-(expect|ignore)/, 'text')).toEqual([])
    expect(
      linesWith(
        near,
        /\.(entity|sidFor|grantIdFor|backchannelLogout)\(|\.(jti|dispatcher|responseModes)\b|session\??\.state\b/,
      ),
    ).toEqual([])
  })

  test('src/http knows no address of ours: they come in from the wiring', () => {
    expect(linesWith(under(/^src\/http\//), /['"`]\/[\w.]|\/\^\\\//)).toEqual([])
  })

  test('the demonstration imports nothing of ours, and nobody imports it', () => {
    expect(
      demo.flatMap((source) =>
        source.imports
          .filter(({ target }) => target?.startsWith('demo-rp/') === false)
          .map((one) => said(source, one)),
      ),
    ).toEqual([])
    expect(importsOf(ours, /^demo-rp(\/|$)/)).toEqual([]) // the browser tests start it in process
  })

  test('only db/ knows what a driver says of a database that is away', () => {
    expect(
      linesWith(
        ours.filter(({ layer }) => layer?.name !== 'db'),
        /SQLITE_[A-Z]|ECONN|ETIMEDOUT|KnexTimeout|Query read timeout|transaction is active/,
      ),
    ).toEqual([])
  })

  test('time is passed in: only what starts a program asks the clock', () => {
    // The page's script is the one that says whether the clock of the person's own computer is right.
    const askingComputers = 'interactions/assets/page.js'
    expect(
      linesWith(
        ours.filter(({ path, layer }) => layer?.name !== 'programs' && path !== askingComputers),
        /\bnew Date\(\)|\bDate\.now\b/,
      ),
    ).toEqual([])
  })
})

describe('habits', () => {
  test('there is no drawer named utils or helpers, and no barrel', () => {
    expect(
      all.map(({ path }) => path).filter((path) => /(^|\/)(utils?|helpers?|index)(\.|\/)/.test(path)),
    ).toEqual([])
    expect(linesWith(all, /^\s*export \* from/)).toEqual([])
  })

  test('files are kebab-case nouns', () => {
    expect(
      all
        .map(({ path }) => path)
        .filter((path) => !/^([a-z0-9-]+\/)*[a-z0-9-]+(\.test|\.d)?\.(ts|tsx|js)$/.test(path)),
    ).toEqual([])
  })

  test('no file is longer than 250 lines', () => {
    expect(
      [...ours, ...demo]
        .filter(({ text }) => text.trimEnd().split('\n').length > 250)
        .map(({ path }) => path),
    ).toEqual([])
  })

  test('no line is wider than 110 columns, unless it is text that cannot be broken', () => {
    const isText = (line: string): boolean => /['"`/].{40,}['"`/]/.test(line) || /oxlint-dis/.test(line)
    const wide = all.flatMap(({ path, text }) =>
      text
        .split('\n')
        .flatMap((line, index) => ([...line].length > 110 && !isText(line) ? [`${path}:${index + 1}`] : [])),
    )
    expect(wide).toEqual([])
  })

  test('a comment stands at the top of every file', () => {
    const commented = all.filter(({ path }) => !path.includes('.test.'))
    expect(commented.filter(({ text }) => !/^(\/\/ |\/\*)/.test(text)).map(({ path }) => path)).toEqual([])
  })

  test('whoever silences a check says why on the same line', () => {
    expect(linesWith(all, /\b(?:oxlint|eslint)-disable(?!.* -- .{10})/, 'text')).toEqual([])
    expect(linesWith(all, /@ts-(?:expect-error|ignore|nocheck)(?!:? .{10})/, 'text')).toEqual([])
  })

  test('tests replace no module', () => {
    expect(linesWith([...tests, ...demo], /\bjest\.(?:mock|doMock|unstable_mockModule)\(/)).toEqual([])
  })
})

function layerOf(path: string): Layer | undefined {
  return LAYERS.find((layer) => layer.files.test(path))
}

function isAllowed(layer: Layer, { specifier, target, isType }: Import): boolean {
  if (target === undefined) return NODE.test(specifier) || layer.foreign.test(specifier)
  const other = layerOf(target)
  if (other === undefined) return false
  return (
    other === layer ||
    layer.may.includes(other.name) ||
    (isType && layer.types?.includes(other.name) === true)
  )
}

function sourcesUnder(folder: string): Source[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => posix.join(folder, name.replaceAll('\\', '/')))
    .filter((path) => /\.(ts|tsx|js)$/.test(path))
    .toSorted()
    .map((path) => {
      const text = readFileSync(join(root, path), 'utf8')
      const code = withoutComments(text)
      return { path, text, code, layer: layerOf(path), imports: readImports(path, code) }
    })
}

/** Comments that have lines of their own or follow a space; the number of lines stays. */
function withoutComments(text: string): string {
  return text
    .replace(/^\s*\/\*[\s\S]*?\*\//gm, (comment) => comment.replace(/[^\n]/g, ''))
    .replace(/(^|\s)\/\/ .*$/gm, '$1')
}

/**
 * `import … from`, `import '…'`, `export … from` and `import('…')`. A type among values counts as a value.
 */
function readImports(path: string, code: string): Import[] {
  const statements = code.matchAll(
    /^\s*(?:import|export)\s+(?<type>type\s+)?(?:[\w$*\s{},]+?\s+from\s+)?'(?<specifier>[^'\n]+)'/gm,
  )
  const calls = code.matchAll(/\bimport\(\s*'(?<specifier>[^'\n]+)'\s*\)/g)
  return [...statements, ...calls].map(({ groups }) => {
    const specifier = groups?.['specifier'] ?? ''
    return { specifier, target: targetOf(path, specifier), isType: groups?.['type'] !== undefined }
  })
}

/** The file an import names, from the root; undefined for a package. */
function targetOf(path: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.'))
    return specifier === 'demo-rp' || specifier.startsWith('demo-rp/') ? specifier : undefined
  return posix.join(posix.dirname(path), specifier).replace(/\.js$/, '.ts')
}

function under(folder: RegExp): Source[] {
  return ours.filter(({ path }) => folder.test(path))
}

function importsOf(sources: Source[], target: RegExp): string[] {
  return sources.flatMap((source) =>
    source.imports
      .filter((one) => one.target !== undefined && target.test(one.target))
      .map((one) => said(source, one)),
  )
}

function linesWith(sources: Source[], pattern: RegExp, of: 'code' | 'text' = 'code'): string[] {
  return sources.flatMap((source) =>
    source[of]
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${source.path}:${index + 1}: ${line.trim()}`] : [])),
  )
}

function said({ path }: Source, { specifier, isType }: Import): string {
  return `${path} imports ${isType ? 'type ' : ''}${specifier}`
}
