// docs/relying-parties.md promises that what stands there is run. Here it is held to that: every block by a
// test that opens its section, every program under docs/examples, every release of the table.

import { describe, expect, test } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../src/config/package-root.js'
import { EXAMPLES, PAGE, SECTIONS } from './support/page.js'
import { RELEASES } from './support/releases.js'

const ON_PAPER = ['PHP', '.NET', 'Grafana', 'Nextcloud']

const tests = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => readFileSync(join(import.meta.dirname, name), 'utf8'))
const opened = tests.flatMap((text) =>
  [...text.matchAll(/\.section\('([^']+)'\)/g)].map(([, title = '']) => title),
)
const run = new Set(
  tests.flatMap((text) => [...text.matchAll(/\.example\('([^']+)'\)/g)].map(([, name = '']) => name)),
)
const table = [...PAGE.matchAll(/^\| (\[.*?) \| (.*?) \| .*\|$/gm)].map(([, client = '', release = '']) => ({
  client,
  release,
}))

describe('docs/relying-parties.md', () => {
  test('has no command and no snippet that nobody runs, but for those it calls on paper', () => {
    const runnable = SECTIONS.filter(({ blocks, examples }) => blocks.length + examples.length > 0)
    expect(runnable.map(({ title }) => title).toSorted()).toEqual(
      [...new Set([...opened, ...ON_PAPER])].toSorted(),
    )
    const said = table.find(({ release }) => release === 'on paper')?.client ?? ''
    expect([...said.matchAll(/\[(.*?)\]/g)].map(([, title]) => title)).toEqual(ON_PAPER)
  })

  test('links from the table to a section for each client', () => {
    const anchors = new Set(SECTIONS.map(({ title }) => anchorOf(title)))
    const linked = table.flatMap(({ client }) =>
      [...client.matchAll(/\(#(.*?)\)/g)].map(([, anchor]) => anchor),
    )
    expect(linked.length).toBeGreaterThan(14)
    expect(linked.filter((anchor) => !anchors.has(anchor ?? ''))).toEqual([])
  })

  test('names the releases that are tried', () => {
    const { devDependencies } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as {
      devDependencies: Record<string, string>
    }
    const named = table.filter(({ release }) => release !== 'on paper')
    const releases = named
      .flatMap(({ release }) => release.split(', '))
      .map((text) => text.split(/ (?=[\d.]+$)/))
    expect(releases.length).toBeGreaterThan(10)
    const tried: Record<string, string> = {
      ...devDependencies,
      Express: devDependencies['express'] ?? '',
      ...RELEASES,
    }
    for (const [name = '', version] of releases) {
      const actual = tried[name]?.replace('^', '') ?? 'none'
      expect({ name, version }).toEqual({ name, version: actual.slice(0, version?.length) })
    }
  })

  test('shows every program of docs/examples as it is, or a test runs the file', () => {
    const programs = readdirSync(EXAMPLES).filter((name) => !run.has(name))
    expect(programs).not.toEqual([])
    const linked = new Set(SECTIONS.flatMap(({ examples }) => examples))
    expect(readdirSync(EXAMPLES).filter((name) => !linked.has(name))).toEqual([])
    expect(
      programs.filter((name) => !PAGE.includes(readFileSync(join(EXAMPLES, name), 'utf8').trimEnd())),
    ).toEqual([])
  })
})

/** As GitHub makes them. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\w -]/g, '')
    .replaceAll(' ', '-')
}
