// What the README promises: `npm run demo`, and one can sign in. In a copy of the sources, so that the
// checkout's own data stays as it is.

import { spawn, type ChildProcess } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Browser } from 'playwright-core'
import { packageRoot } from '../../src/config/package-root.js'
import { launchChromium, openPage } from '../support/chromium.js'
import { createPhone } from '../support/phone.js'
import { freePort } from '../support/provider-process.js'
import { describeWith } from '../support/requirements.js'

const SOURCES = ['package.json', 'tsconfig.json', 'src', 'db', 'interactions', 'demo-rp']

const answers = (url: string): Promise<boolean> =>
  fetch(url, { redirect: 'manual' }).then(
    () => true,
    () => false,
  )

describeWith(['chromium'], 'npm run demo', () => {
  const folder = mkdtempSync(join(tmpdir(), 'laissez-passer-demo-'))
  let demo: ChildProcess
  let printed = ''
  let provider = ''
  let eEspresso = ''
  let chromium: Browser

  beforeAll(async () => {
    for (const name of SOURCES)
      cpSync(join(packageRoot(), name), join(folder, name), {
        recursive: true,
        filter: (path) => !/(node_modules|dist)$/.test(path),
      })
    symlinkSync(join(packageRoot(), 'node_modules'), join(folder, 'node_modules'))
    const [port, rpPort] = [await freePort(), await freePort()]
    provider = `http://localhost:${port}`
    eEspresso = `http://localhost:${rpPort}`
    demo = spawn('npm', ['run', 'demo'], {
      cwd: folder,
      detached: true,
      env: { ...process.env, PORT: String(port), DEMO_RP_PORT: String(rpPort) },
    })
    demo.stdout?.on('data', (text) => (printed += String(text)))
    demo.stderr?.on('data', (text) => (printed += String(text)))
    chromium = await launchChromium()
    while (!(await answers(provider)) || !(await answers(eEspresso))) {
      if (demo.exitCode !== null) throw new Error(printed)
      await pause(50)
    }
  }, 60_000)
  afterAll(async () => {
    await chromium.close()
    if (demo.pid !== undefined && demo.exitCode === null) {
      const isOver = new Promise((resolve) => demo.once('exit', resolve))
      process.kill(-demo.pid, 'SIGTERM')
      await isOver
    }
    rmSync(folder, { recursive: true, force: true })
  })

  test('prints addresses and people, and one of them reaches eEspresso', async () => {
    expect(printed).toContain(eEspresso)
    expect(printed).toContain(`${provider}/dev/mail`)
    const [, cip = '', password = ''] = /^ +(gagj2345) +(\S+)/m.exec(printed) ?? []

    const { page, complaints, close } = await openPage(chromium)
    await page.goto(eEspresso)
    await page.getByLabel('Nom d’utilisateur (CIP)').fill(cip)
    await page.getByLabel('Mot de passe', { exact: true }).fill(password)
    await page.getByRole('button', { name: 'Connexion', exact: true }).click()
    const key = ((await page.locator('#totp-key').textContent()) ?? '').replaceAll(' ', '')
    await page.getByLabel('Inscrivez le code à usage unique').fill(createPhone(key).code())
    await page.getByLabel('Nom de l’appareil mobile').fill('Mon iPhone')
    await page.getByRole('button', { name: 'Enregistrer' }).click()
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Bonjour Julie Gagnon')

    // Mails leave the outbox every two seconds.
    const mail = page.getByText('Un appareil mobile a été enregistré')
    do await page.goto(`${provider}/dev/mail`)
    while (!(await mail.isVisible()))
    expect(complaints).toEqual([])
    await close()
  })
})
