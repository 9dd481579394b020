import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { Browser, startWorld, type Page, type World } from './stand-in.js'

let world: World
let browser: Browser
beforeAll(async () => {
  world = await startWorld()
})
beforeEach(async () => {
  world.clock.now = Date.now()
  world.next.accountId = 'marie'
  browser = new Browser()
  await browser.open(world.rp)
})
afterAll(() => world.close())

const open = (path: string, who = browser) => who.open(`${world.rp}${path}`)

describe('the tabs', () => {
  test.each([
    ['/', '/', 'Bulletin de paie'],
    ['/schedule', '/schedule', 'Semaine du'],
    ['/file', '/file', 'Titre d’emploi'],
  ])('%s says that it is the one, and holds its own', async (path, tab, content) => {
    const page = await open(path)
    expect(page.status).toBe(200)
    expect([...page.text.matchAll(/href="([^"]*)" aria-current="page"/g)].map(([, to]) => to)).toEqual([tab])
    expect(page.text).toContain(content)
  })

  test.each(['/', '/schedule', '/file', '/direct-deposit'])(
    '%s is in the other language by the switch',
    async (path) => {
      expect((await open(path)).text).toContain(`href="${path}?lang=en"`)
      expect((await open(`${path}?lang=en`)).text).toContain('Sign out')
    },
  )

  test('whoever is not signed in signs in first, and comes back to the page asked for', async () => {
    for (const path of ['/schedule', '/file', '/direct-deposit']) {
      const page = await open(path, new Browser())
      expect(page.url).toBe(`${world.rp}${path}`)
      expect(page.status).toBe(200)
    }
  })

  test('one of the last six pays has a page, another has none', async () => {
    const links = [...(await open('/')).text.matchAll(/href="(\/pay\/[\d-]+)"/g)].map(([, to = '']) => to)
    expect(links).toHaveLength(6)
    for (const link of links) {
      const page = await open(link)
      expect(page.status).toBe(200)
      expect(page.text).toContain(`href="${link}" aria-current="true"`)
    }
    expect((await open('/pay/2020-01-30')).status).toBe(404)
    expect((await open('/pay/x')).status).toBe(404)
  })

  test('say where signing out leads', async () => {
    const { text } = await open('/')
    expect(text).toContain('<button class="on-band" aria-describedby="sign-out-hint">Se déconnecter</button>')
    expect(text).toMatch(
      /id="sign-out-hint"[^>]*>«\u00A0Se déconnecter\u00A0» ferme eEspresso, puis votre session/,
    )
  })
})

describe('changing the direct deposit', () => {
  const NEW_ACCOUNT = { institution: '006', transit: '30456', account: '1234-567' }

  const confirm = (who = browser) => {
    world.next.authTime += 30
    return who.post(`${world.rp}/confirm-identity`)
  }
  const confirmationIn = ({ text }: Page) => /name="confirmation" value="([\w-]+)"/.exec(text)?.[1] ?? ''
  const send = (fields: Record<string, string>, headers: Record<string, string> = {}, who = browser) =>
    who.open(`${world.rp}/direct-deposit`, {
      method: 'POST',
      headers: { 'sec-fetch-site': 'same-origin', ...headers },
      body: new URLSearchParams(fields),
    })
  const isChanged = async () => (await open('/file')).text.includes('se terminant par 567')

  test('takes both factors anew, shows in the file, and shows no account number', async () => {
    const request = await browser.step(`${world.rp}/confirm-identity`, { method: 'POST' })
    const query = new URL(request.headers.get('location') ?? '').searchParams
    expect([query.get('prompt'), query.get('max_age')]).toEqual(['login', '0'])

    const form = await confirm()
    expect(form.url).toBe(`${world.rp}/direct-deposit`)
    expect(form.text).toContain('Votre identité a été confirmée de nouveau')
    const file = await send({ ...NEW_ACCOUNT, confirmation: confirmationIn(form) })
    expect(file.url).toBe(`${world.rp}/file`)
    for (const shown of [
      'Votre dépôt direct est changé.',
      '006',
      '30456',
      'se terminant par 567',
      'À partir de',
    ])
      expect(file.text).toContain(shown)
    expect(file.text).not.toMatch(/1234-?567/)

    world.clock.now += 2 * 60_000
    const later = await open('/file')
    expect(later.text).not.toContain('Votre dépôt direct est changé.')
    expect(later.text).toContain('se terminant par 567')
  })

  test('of one person changes nobody else’s', async () => {
    const other = new Browser()
    world.next.accountId = 'john'
    await open('/', other)
    const before = (await open('/file', other)).text
    world.next.accountId = 'marie'
    await send({ ...NEW_ACCOUNT, account: '7654321', confirmation: confirmationIn(await confirm()) })
    expect((await open('/file')).text).toContain('se terminant par 321')
    expect((await open('/file', other)).text).toBe(before)
  })

  test('what is mistyped is told by field, and the confirmation still serves', async () => {
    const confirmation = confirmationIn(await confirm())
    const page = await send({ institution: '6', transit: '30456', account: '<i>', confirmation })
    expect(page.status).toBe(422)
    expect(page.text).toContain('<title>Erreur\u00A0: Changer le dépôt direct – eEspresso</title>')
    expect(page.text).toContain('id="error-summary"')
    for (const name of ['institution', 'account']) expect(page.text).toContain(`${name}-hint ${name}-fault`)
    expect(page.text).not.toContain('transit-fault')
    expect(page.text).toContain('value="30456"')
    expect(page.text).not.toContain('<i>')
    expect((await send({ ...NEW_ACCOUNT, confirmation })).url).toBe(`${world.rp}/file`)
  })

  describe('is refused, and nothing changes', () => {
    beforeEach(async () => {
      const other = { institution: '815', transit: '20123', account: '9999999' }
      await send({ ...other, confirmation: confirmationIn(await confirm()) })
      browser.forget('eespresso_session')
      await open('/')
    })

    const expectRefused = async (page: Page) => {
      expect(page.status).toBe(403)
      expect(page.text).toContain('Rien n’a été changé.')
      expect(page.text).toContain('action="/confirm-identity"')
      expect(await isChanged()).toBe(false)
    }

    test('without a confirmation', async () => {
      expect((await open('/direct-deposit')).text).not.toContain('name="account"')
      await expectRefused(await send(NEW_ACCOUNT))
    })

    test('five minutes after it, and a moment sooner the form still stands', async () => {
      const confirmation = confirmationIn(await confirm())
      world.clock.now += 5 * 60_000 - 1
      expect(confirmationIn(await open('/direct-deposit'))).toBe(confirmation)
      world.clock.now += 1
      await expectRefused(await send({ ...NEW_ACCOUNT, confirmation }))
    })

    test('the second time', async () => {
      const confirmation = confirmationIn(await confirm())
      await send({ institution: '815', transit: '20123', account: '8888888', confirmation })
      await expectRefused(await send({ ...NEW_ACCOUNT, confirmation }))
    })

    test('by a form that does not name the confirmation, or names another session’s', async () => {
      const other = new Browser()
      await open('/', other)
      const foreign = confirmationIn(await confirm(other))
      expect(foreign).toMatch(/^[\w-]{43}$/)
      await expectRefused(await send({ ...NEW_ACCOUNT, confirmation: foreign }))
      await confirm()
      await expectRefused(await send({ ...NEW_ACCOUNT, confirmation: '' }))
      await expectRefused(await send({ ...NEW_ACCOUNT, confirmation: foreign }))
    })

    test('from another site, whatever it knows', async () => {
      const confirmation = confirmationIn(await confirm())
      const strangers: Record<string, string>[] = [
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': '', 'origin': 'null' },
      ]
      for (const headers of strangers) {
        expect((await send({ ...NEW_ACCOUNT, confirmation }, headers)).status).toBe(403)
        expect(await isChanged()).toBe(false)
      }
    })

    test('after an ordinary sign-in, however recent', async () => {
      const page = await browser.open(`${world.rp}/login?target_link_uri=${world.rp}/direct-deposit`)
      expect(page.url).toBe(`${world.rp}/direct-deposit`)
      expect(page.text).not.toContain('name="account"')
      await expectRefused(await send(NEW_ACCOUNT))
    })

    test('when the provider has not asked for both factors anew', async () => {
      const page = await browser.post(`${world.rp}/confirm-identity`)
      expect(page.status).toBe(400)
      expect(page.text).toContain('Votre identité n’a pas été confirmée')
      await expectRefused(await send(NEW_ACCOUNT))
    })
  })
})
