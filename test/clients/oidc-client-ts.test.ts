// oidc-client-ts as a page loads it, in Chromium: its scripts call the provider from another origin.

import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { packageRoot } from '../../src/config/package-root.js'
import { expectArrivedAt, expectSignedIn, expectSignedOut, signIn } from './support/journey.js'
import { JULIE, useStage } from './support/stage.js'

const LIBRARIES: Record<string, string> = {
  'oidc-client-ts': 'oidc-client-ts/dist/esm/oidc-client-ts.js',
  'jwt-decode': 'jwt-decode/build/esm/index.js',
}

/** The page round the snippet; the browser finds the libraries where they were installed. */
const HTML = `<!doctype html>
  <meta charset="utf-8">
  <link rel="icon" href="data:,">
  <script type="importmap">${JSON.stringify({
    imports: Object.fromEntries(Object.keys(LIBRARIES).map((name) => [name, `/libraries/${name}`])),
  })}</script>
  <script type="module">
    import { signedIn, signOut } from '/sign-in.js'
    globalThis.signOut = signOut
    if (location.pathname === '/signed-out') document.body.textContent = 'Au revoir'
    else {
      const person = await signedIn()
      if (person) document.body.textContent = JSON.stringify({ cip: person.cip, name: person.name })
    }
  </script>
  <body></body>`

const stage = useStage()
let server: Server
let signInScript = ''
beforeAll(async () => {
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', stage.application())
    const library = LIBRARIES[pathname.replace('/libraries/', '')]
    const isScript = library !== undefined || pathname === '/sign-in.js'
    response.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html')
    if (library === undefined) response.end(isScript ? signInScript : HTML)
    else response.end(readFileSync(join(packageRoot(), 'node_modules', library)))
  })
  await new Promise<void>((resolve) => server.listen(Number(stage.applicationPort()), 'localhost', resolve))
})
afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

test('sign-in, claims, sign-out, by scripts alone', async () => {
  const section = stage.section('Single-page applications')
  await stage.run(section.take('sh'))
  signInScript = section.take('js')
  section.expectAllRun()

  const { page, complaints } = await stage.openBrowser()
  const revoked: number[] = []
  page.on('response', (response) => {
    if (response.url() === `${stage.issuer()}/token/revocation`) revoked.push(response.status())
  })
  await page.goto(stage.application())
  await signIn(page, JULIE)
  await page.waitForFunction(() => document.body.textContent?.startsWith('{'))
  await expectSignedIn(page, stage, JULIE)

  await page.reload() // the tab remembers
  await page.waitForFunction(() => document.body.textContent?.startsWith('{'))

  await page.evaluate('signOut()').catch(() => undefined) // the page goes away under it
  await expectArrivedAt(page, stage, '/signed-out')
  expect(revoked).toEqual([200])
  await expectSignedOut(page, stage)
  expect(complaints).toEqual([])
})
