// The import rules of the house, and the few habits no linter knows. Reads the sources as text; what oxlint and the compiler
// already refuse (any, !, enums, default exports, process.env, unused code) is not looked at again.

import { describe, expect, test } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { packageRoot } from '../../src/package-root.js'

type Room = {
  name: string
  files: RegExp
  /** What of ours the room may import. */
  ours: RegExp
  /** What it may know by type alone (`import type`). */
  types?: RegExp
  foreign: RegExp
}

const EVERY_FOLDER = /^(src|interactions|db)\//
const WIRING = /^src\/(app|main|server|services|demo(-[a-z]+)*|cli)\.ts$|^src\/cli\//
const EDGES = /^src\/(config|environment|metrics|mail-transport|package-root|settings)\.ts$/
/** Whatever stands directly in src and isn't named above is a service. */
const SERVICES = new RegExp(`^(?!${WIRING.source}|${EDGES.source})src/(accounts/|second-factors/|[a-z0-9-]+\\.ts$)`)
const REPOSITORIES = /^db\/(store\.ts|repositories\/)/
const NODE = /^node:/
const HTTP_DATABASE_OR_PROTOCOL = /^(?!koa|@koa\/|knex|sqlite3$|pg$|oidc-provider|preact)/

// A file belongs to the first room that names it.
const ROOMS: Room[] = [
  { name: 'wiring', files: WIRING, ours: EVERY_FOLDER, foreign: /./ },
  { name: 'db', files: /^db\//, ours: /^db\//, foreign: /^(node:|knex$|knex\/|sqlite3$|pg$)/ },
  {
    name: 'protocol',
    files: /^src\/oidc\//,
    ours: or(/^src\/oidc\//, SERVICES),
    types: or(REPOSITORIES, /^src\/config\.ts$/),
    foreign: /^(?!koa|@koa\/|knex|preact)/,
  },
  { name: 'http', files: /^src\/http\//, ours: /^src\/(http\/|(crypto|errors|i18n)\.ts)/, foreign: /^(?!knex|oidc-provider)/ },
  {
    name: 'pages',
    files: /^interactions\//,
    ours: or(/^interactions\//, /^src\/http\//, SERVICES),
    types: /^src\/(oidc\/|config\.ts|mail-transport\.ts)/,
    foreign: /^(?!knex|sqlite3$|pg$)/,
  },
  { name: 'edges', files: EDGES, ours: or(EDGES, SERVICES), foreign: HTTP_DATABASE_OR_PROTOCOL },
  {
    name: 'services',
    files: SERVICES,
    ours: or(SERVICES, /^src\/package-root\.ts$/, /^interactions\/locales\//),
    types: REPOSITORIES,
    foreign: HTTP_DATABASE_OR_PROTOCOL,
  },
]

type Import = { specifier: string; target: string | undefined; isType: boolean }
type Source = { path: string; text: string; code: string; room: Room | undefined; imports: Import[] }

const root = packageRoot()
const ours = ['src', 'interactions', 'db'].flatMap(sourcesUnder)
const demo = ['demo-rp/src', 'demo-rp/test'].flatMap(sourcesUnder)
const tests = sourcesUnder('test')
const all = [...ours, ...demo, ...tests]

describe('the rooms', () => {
  test('every file belongs to one', () => {
    expect(ours.filter(({ room }) => room === undefined).map(({ path }) => path)).toEqual([])
  })

  for (const room of ROOMS) {
    test(`${room.name} imports only what it may know`, () => {
      const files = ours.filter((source) => source.room === room)
      expect(files).not.toEqual([])
      expect(files.flatMap((source) => source.imports.filter((one) => !isAllowed(room, one)).map((one) => said(source, one)))).toEqual([])
    })
  }

  test('a step imports no other step', () => {
    const steps = under(/^interactions\/steps\//)
    expect(steps).not.toEqual([])
    expect(importsOf(steps, /^interactions\/steps\//)).toEqual([])
  })

  test('a step never redirects and never answers by itself', () => {
    expect(linesWith(under(/^interactions\/steps\//), /\.redirect\(|\.(status|body) = |\bctx\b/)).toEqual([])
  })

  test('the demonstration imports nothing of ours, and nobody imports it', () => {
    expect(
      demo.flatMap((source) => source.imports.filter(({ target }) => target?.startsWith('demo-rp/') === false).map((one) => said(source, one))),
    ).toEqual([])
    expect(importsOf(ours, /^demo-rp(\/|$)/)).toEqual([]) // the browser tests start it in process
  })

  test('time is passed in: only what starts a program asks the clock', () => {
    expect(
      linesWith(
        ours.filter(({ path }) => !WIRING.test(path)),
        /\bnew Date\(\)|\bDate\.now\b/,
      ),
    ).toEqual([])
  })
})

describe('habits', () => {
  test('there is no drawer named utils or helpers, and no barrel', () => {
    expect(all.map(({ path }) => path).filter((path) => /(^|\/)(utils?|helpers?|index)(\.|\/)/.test(path))).toEqual([])
    expect(linesWith(all, /^\s*export \* from/)).toEqual([])
  })

  test('files are kebab-case nouns', () => {
    expect(all.map(({ path }) => path).filter((path) => !/^([a-z0-9-]+\/)*[a-z0-9-]+(\.test|\.d)?\.(ts|tsx|js)$/.test(path))).toEqual([])
  })

  test('no file is longer than 250 lines', () => {
    expect([...ours, ...demo].filter(({ text }) => text.trimEnd().split('\n').length > 250).map(({ path }) => path)).toEqual([])
  })

  test('a comment stands at the door of every room', () => {
    const rooms = all.filter(({ path }) => !path.includes('.test.'))
    expect(rooms.filter(({ text }) => !/^(\/\/ |\/\*)/.test(text)).map(({ path }) => path)).toEqual([])
  })

  test('whoever silences a check says why on the same line', () => {
    expect(linesWith(all, /\b(?:oxlint|eslint)-disable(?!.* -- .{10})/, 'text')).toEqual([])
    expect(linesWith(all, /@ts-(?:expect-error|ignore|nocheck)(?!:? .{10})/, 'text')).toEqual([])
  })

  test('tests replace no module', () => {
    expect(linesWith([...tests, ...demo], /\bjest\.(?:mock|doMock|unstable_mockModule)\(/)).toEqual([])
  })
})

function isAllowed(room: Room, { specifier, target, isType }: Import): boolean {
  if (target === undefined) return NODE.test(specifier) || room.foreign.test(specifier)
  return room.ours.test(target) || (isType && room.types?.test(target) === true)
}

function sourcesUnder(folder: string): Source[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => posix.join(folder, name.replaceAll('\\', '/')))
    .filter((path) => /\.(ts|tsx|js)$/.test(path))
    .toSorted()
    .map((path) => {
      const text = readFileSync(join(root, path), 'utf8')
      const code = withoutComments(text)
      return { path, text, code, room: ROOMS.find((room) => room.files.test(path)), imports: readImports(path, code) }
    })
}

/** Comments that have lines of their own or follow a space; the number of lines stays. */
function withoutComments(text: string): string {
  return text.replace(/^\s*\/\*[\s\S]*?\*\//gm, (comment) => comment.replace(/[^\n]/g, '')).replace(/(^|\s)\/\/ .*$/gm, '$1')
}

/** `import … from`, `import '…'`, `export … from` and `import('…')`. A type among values counts as a value. */
function readImports(path: string, code: string): Import[] {
  const statements = code.matchAll(/^\s*(?:import|export)\s+(?<type>type\s+)?(?:[\w$*\s{},]+?\s+from\s+)?'(?<specifier>[^'\n]+)'/gm)
  const calls = code.matchAll(/\bimport\(\s*'(?<specifier>[^'\n]+)'\s*\)/g)
  return [...statements, ...calls].map(({ groups }) => {
    const specifier = groups?.['specifier'] ?? ''
    return { specifier, target: targetOf(path, specifier), isType: groups?.['type'] !== undefined }
  })
}

/** The file an import names, from the root; undefined for a package. */
function targetOf(path: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return specifier === 'demo-rp' || specifier.startsWith('demo-rp/') ? specifier : undefined
  return posix.join(posix.dirname(path), specifier).replace(/\.js$/, '.ts')
}

function under(folder: RegExp): Source[] {
  return ours.filter(({ path }) => folder.test(path))
}

function importsOf(sources: Source[], target: RegExp): string[] {
  return sources.flatMap((source) =>
    source.imports.filter((one) => one.target !== undefined && target.test(one.target)).map((one) => said(source, one)),
  )
}

function linesWith(sources: Source[], pattern: RegExp, of: 'code' | 'text' = 'code'): string[] {
  return sources.flatMap((source) =>
    source[of].split('\n').flatMap((line, index) => (pattern.test(line) ? [`${source.path}:${index + 1}: ${line.trim()}`] : [])),
  )
}

function said({ path }: Source, { specifier, isType }: Import): string {
  return `${path} imports ${isType ? 'type ' : ''}${specifier}`
}

function or(...patterns: RegExp[]): RegExp {
  return new RegExp(patterns.map(({ source }) => `(?:${source})`).join('|'))
}
