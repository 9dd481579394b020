// docs/deploy/README.md, to the letter, in a new Debian: the package is made, installed where there is
// neither npm nor compiler, set up with the page's own commands, started as the unit says, and somebody
// signs in.
// `npm run test:debian`: slow (it makes a Debian), as root, part of .ci/full.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { packageRoot } from '../../src/config/package-root.js'
import { Browser } from '../support/browser.js'
import { leadTo } from '../support/far-host.js'
import { createPhone } from '../support/phone.js'
import { freePort } from '../support/provider-process.js'
import { REDIRECT_URI } from '../support/relying-party.js'
import { describeWith } from '../support/requirements.js'
import { until } from '../support/until.js'

const PAGE = readFileSync(join(packageRoot(), 'docs', 'deploy', 'README.md'), 'utf8')
const ISSUER = 'https://connexion.exemple.ca'

/** The commands under a heading. */
function commands(title: string): string {
  const [, section = ''] = PAGE.split(`\n## ${title}\n`)
  const [, block] = /```sh\n([\s\S]*?)```/.exec(section.split('\n## ')[0] ?? '') ?? []
  if (block === undefined) throw new Error(`the page has no commands under «${title}»`)
  return block
}

/** What systemd would do, where it is not the first process: the unit's own words decide. */
const SYSTEMCTL = `#!/bin/sh
set -eu
unit=/lib/systemd/system/laissez-passer.service
value() { sed -n "s/^$1=//p" "$unit"; }
[ "$*" = 'enable --now laissez-passer' ]
umask "$(value UMask)"
exec runuser -u "$(value User)" -- $(value ExecStart) >/tmp/service.log 2>&1
`

describeWith(['mmdebstrap', 'dpkg-deb'], 'the Debian package', () => {
  let folder: string
  let root: string
  let port: number
  let service: ChildProcess | undefined

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'laissez-passer-debian-'))
    root = join(folder, 'root')
    port = await freePort()
    const made = execFileSync('npm', ['run', '--silent', 'package:deb', folder], {
      cwd: packageRoot(),
      encoding: 'utf8',
    }).trim()
    const release = readFileSync('/etc/os-release', 'utf8')
    const suite = /^VERSION_CODENAME=(\w+)$/m.exec(release)?.[1] ?? 'stable'
    execFileSync('mmdebstrap', [
      '--quiet',
      '--variant=apt',
      '--include=adduser,util-linux,libstdc++6',
      suite,
      root,
    ])
    copyFileSync(made, join(root, 'root', basename(made)))
    writeFileSync(join(root, 'etc', 'hosts'), '127.0.0.1 localhost\n')
    writeFileSync(join(root, 'usr', 'local', 'bin', 'systemctl'), SYSTEMCTL, { mode: 0o755 })
  }, 20 * 60_000)
  afterAll(() => {
    if (service?.pid !== undefined) process.kill(-service.pid, 'SIGTERM') // runuser and what it runs
    rmSync(folder, { recursive: true, force: true })
  })

  const inside = (script: string) =>
    spawnSync('chroot', [root, 'sh', '-euc', `cd /root\n${script}`], {
      encoding: 'utf8',
      env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root' },
    })

  /** Its output; nothing that it runs may fail. */
  function run(script: string): string {
    const { status, stdout, stderr } = inside(script)
    expect({ script, status, stderr: status === 0 ? '' : stderr }).toEqual({ script, status: 0, stderr: '' })
    return stdout
  }

  test('is installed where there is no npm and no compiler', () => {
    expect(inside('command -v npm node gcc make').status).not.toBe(0)
    run(commands('The package'))
    expect(run('stat -c "%a %U:%G" /etc/laissez-passer/laissez-passer.env /var/lib/laissez-passer')).toBe(
      '640 root:laissez-passer\n700 laissez-passer:laissez-passer\n',
    )
    expect(run('grep -c "^MASTER_KEYS=.*=$" /etc/laissez-passer/laissez-passer.env')).toBe('1\n')
    expect(run('find /usr/lib/laissez-passer -not -user root -o -perm -o+w -not -type l | head -1')).toBe('')
  })

  test('tells only its own group the settings, and the rest what to do', () => {
    const { status, stderr } = inside('runuser -u nobody -- laissez-passer doctor')
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining('use sudo') })
  })

  test('is set up and started with the commands of the page', async () => {
    run(commands('The settings'))
    run(`echo PORT=${port} >>/etc/laissez-passer/laissez-passer.env`) // 3000 may be somebody's here
    const [migrate = '', doctor = '', start = ''] = commands('The service').trim().split('\n')
    run(migrate)
    expect(run(`${doctor} || true`)).toMatch(/^ok +migrations: up to date$/m)
    service = spawn('chroot', [root, 'sh', '-euc', start], { stdio: 'ignore', detached: true })
    await until(
      async () => (await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined))?.ok === true,
    )
    expect(run('find /var/lib/laissez-passer -perm /077 -o -not -user laissez-passer')).toBe('')
  })

  test('registers an application and a person, who signs in for the first time', async () => {
    run(commands('An application and a person'))
    run(`laissez-passer client create essai --public --redirect-uri ${REDIRECT_URI}`)
    const because = '--reason "Premier accès" --json'
    const { temporaryPassword } = JSON.parse(
      run(`laissez-passer account reset-password tram1234 --print-password ${because}`),
    ) as { temporaryPassword: string }
    const { activationCode } = JSON.parse(
      run(`laissez-passer account activation-code tram1234 ${because}`),
    ) as { activationCode: string }
    const far = leadTo(ISSUER, {
      port,
      headers: { 'x-forwarded-for': '192.0.2.7', 'x-forwarded-proto': 'https' },
    })
    try {
      const browser = new Browser({ url: ISSUER })
      const query = new URLSearchParams({
        client_id: 'essai',
        response_type: 'code',
        redirect_uri: REDIRECT_URI,
        scope: 'openid',
        code_challenge_method: 'S256',
        code_challenge: 'x'.repeat(43),
      })
      await browser.open(`${ISSUER}/auth?${query.toString()}`)
      await browser.submit({ cip: 'tram1234', password: temporaryPassword })
      const newPassword = 'onze-girafes-vertes'
      await until(async () => {
        await browser.open(`/interaction/${browser.uid()}`)
        return browser.step() !== 'waiting'
      })
      for (let steps = 0; steps < 4 && !browser.shown.url.startsWith(REDIRECT_URI); steps += 1)
        await browser.submit(
          browser.step() === 'activation'
            ? { activationCode }
            : browser.step() === 'change-password'
              ? { newPassword, newPasswordConfirmation: newPassword }
              : { code: createPhone(browser.key()).code(), deviceName: 'Mon iPhone' },
        )
      expect(new URL(browser.shown.url).searchParams.get('code')).toMatch(/./)
    } finally {
      far.restore()
    }
  })

  test('goes over an older one, and leaves the settings and the people as they are', () => {
    const settings = run('md5sum /etc/laissez-passer/laissez-passer.env')
    run(commands('An upgrade'))
    expect(run('md5sum /etc/laissez-passer/laissez-passer.env')).toBe(settings)
    run('apt-get remove -y laissez-passer')
    expect(run('md5sum /etc/laissez-passer/laissez-passer.env')).toBe(settings)
    expect(run('ls /var/lib/laissez-passer/laissez-passer.db')).toMatch(/db/)
  })
})

describeWith(['systemd-analyze'], 'the unit', () => {
  const unit = join(packageRoot(), 'docs', 'deploy', 'laissez-passer.service')
  const analyze = (...words: string[]) => spawnSync('systemd-analyze', words, { encoding: 'utf8' })

  test('is understood by systemd, but for the program that is not installed here', () => {
    expect(analyze('verify', unit).stderr.trim().split('\n')).toEqual([
      expect.stringContaining('/usr/lib/laissez-passer/src/laissez-passer.sh is not executable'),
    ])
  })

  test('exposes little', () => {
    const { stdout } = analyze('security', '--offline=true', '--no-pager', unit)
    expect(Number(/exposure level for \S+: ([\d.]+)/.exec(stdout)?.[1])).toBeLessThanOrEqual(1.5)
  })
})

describe('the page', () => {
  test('names the version that the package has', () => {
    const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as {
      version: string
    }
    const named = [...PAGE.matchAll(/laissez-passer_([\d.]+)_/g)].map(([, one]) => one)
    expect(new Set(named)).toEqual(new Set([version]))
  })
})
