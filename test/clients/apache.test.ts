// Debian's Apache with mod_auth_openidc, in front of an application that knows nothing of OpenID Connect: a
// page that shows what it finds in its environment.

import { expect, test } from '@jest/globals'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expectSignedIn, expectSignedOut, expectToldOfSignOut, signIn } from './support/journey.js'
import { JULIE, SAM, useStage } from './support/stage.js'
import { needs, tool } from './support/tools.js'

const MODULES = '/usr/lib/apache2/modules'
const LOADED = [
  'mpm_event',
  'authn_core',
  'authz_core',
  'authz_user',
  'dir',
  'mime',
  'include',
  'auth_openidc',
]

const stage = useStage()

test('sign-in, claims, sign-out, a sign-out from elsewhere', async () => {
  needs([join(MODULES, 'mod_auth_openidc.so')], 'apt-get install libapache2-mod-auth-openidc')
  const section = stage.section('Apache')
  await stage.run(section.take('sh'))
  await startApache(section.take('apache'), section.take('apache'))
  section.expectAllRun()

  const { page } = await stage.openBrowser()
  await page.goto(stage.application())
  await signIn(page, JULIE)
  await expectSignedIn(page, stage, JULIE)

  const signedOut = `${stage.application()}/signed-out`
  await page.goto(`${stage.application()}/oidc?logout=${encodeURIComponent(signedOut)}`)
  expect(page.url()).toBe(signedOut)
  expect(await page.locator('body').textContent()).toContain('Au revoir')
  await expectSignedOut(page, stage)

  await signIn(page, SAM)
  await expectSignedIn(page, stage, SAM)
  await expectToldOfSignOut(page, stage, SAM)
})

async function startApache(site: string, secrets: string): Promise<void> {
  const folder = stage.folder()
  const documents = join(folder, 'documents')
  mkdirSync(documents)
  const application =
    '{"cip": "<!--#echo var="REMOTE_USER" -->", "name": "<!--#echo var="OIDC_CLAIM_name" -->"}'
  writeFileSync(join(documents, 'index.shtml'), application)
  writeFileSync(join(documents, 'signed-out'), 'Au revoir')
  writeFileSync(join(folder, 'horaire-passphrase'), 'a passphrase of this Apache alone')
  writeFileSync(join(folder, 'horaire-secrets.conf'), secrets, { mode: 0o600 })
  const configuration = `
    ServerName localhost
    Listen 127.0.0.1:${stage.applicationPort()}
    Listen [::1]:${stage.applicationPort()}
    User www-data
    Group www-data
    PidFile ${folder}/apache.pid
    DefaultRuntimeDir ${folder}
    ErrorLog "|/usr/bin/cat"
    ${LOADED.map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`).join('\n')}
    TypesConfig /dev/null
    DocumentRoot ${documents}
    DirectoryIndex index.shtml
    <Directory ${documents}>
      Options +Includes
      AddType text/html .shtml
      AddOutputFilter INCLUDES .shtml
    </Directory>
    ${site}`
  writeFileSync(join(folder, 'apache.conf'), configuration)
  await stage.start(tool('apache2'), ['-f', join(folder, 'apache.conf'), '-DFOREGROUND'])
}
