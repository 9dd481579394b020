// eEspresso as an employee uses it: the delicate act by keyboard alone, with both factors anew, and the pay
// statement on paper.

import { expect, test } from '@jest/globals'
import type { Page } from 'playwright-core'
import { clock } from '../support/clock.js'
import { useDemoInChromium } from '../support/demo-in-chromium.js'
import { createEnrolled, type EnrolledPerson } from '../support/people.js'
import { describeWith } from '../support/requirements.js'

describeWith(['chromium'], 'the payroll', () => {
  const stage = useDemoInChromium()

  async function withEmployee(
    story: (page: Page, employee: EnrolledPerson) => Promise<void>,
    name = 'Marie Tremblay',
  ): Promise<void> {
    const { page, complaints, close } = await stage.open()
    try {
      const employee = await createEnrolled(stage.demo.idp, { name })
      await page.goto(stage.demo.eEspresso)
      await identify(page, employee)
      await story(page, employee)
      expect(complaints).toEqual([])
    } finally {
      await close()
    }
  }

  /** CIP, password and code, by keyboard. */
  async function identify(page: Page, { person, phone }: EnrolledPerson): Promise<void> {
    clock.nextStep()
    await page.locator('#cip').fill(person.cip)
    await page.locator('#password').fill(person.password)
    await page.keyboard.press('Enter')
    await page.locator('#code').fill(phone.code())
    await page.keyboard.press('Enter')
    await page.waitForURL(`${stage.demo.eEspresso}/**`)
  }

  const reach = async (page: Page, name: string) => {
    for (let steps = 0; steps < 20; steps += 1) {
      await page.keyboard.press('Tab')
      const focused = page.locator(':focus')
      if ((await focused.innerText()).trim() === name || (await focused.getAttribute('id')) === name) return
    }
    throw new Error(`Tab does not reach ${name}`)
  }

  test('changes where the pay goes, by keyboard, once both factors are given anew', () =>
    withEmployee(async (page, employee) => {
      const { keyboard } = page
      await reach(page, 'Mon dossier')
      await keyboard.press('Enter')
      await page.getByRole('heading', { name: 'Mon dossier' }).waitFor()
      await reach(page, 'Changer le dépôt direct')
      await keyboard.press('Enter')
      await page.locator('#password').waitFor()
      expect(new URL(page.url()).origin).toBe(stage.demo.idp.url)
      await identify(page, employee)

      expect(await page.getByText('Votre identité a été confirmée de nouveau').isVisible()).toBe(true)
      await reach(page, 'institution')
      await keyboard.type('006')
      await reach(page, 'transit')
      await keyboard.type('304')
      await keyboard.press('Enter')
      await page.locator('#error-summary:focus').waitFor() // read first, without any script

      await reach(page, 'Le numéro de transit a cinq chiffres.')
      await keyboard.press('Enter')
      await keyboard.press('Control+A')
      await keyboard.type('30456')
      await reach(page, 'account')
      await keyboard.type('1234-567')
      await keyboard.press('Enter')
      await page.waitForURL(`${stage.demo.eEspresso}/file`)
      expect(await page.getByRole('status').innerText()).toBe('Votre dépôt direct est changé.')
      expect(await page.locator('main').innerText()).toContain('se terminant par 567')
      expect(await page.content()).not.toMatch(/1234-?567/)
    }))

  test('puts each pay statement on one page of either paper, in both languages, never in dark colours', () =>
    withEmployee(async (page) => {
      const addresses = await page
        .locator('.pays a')
        .evaluateAll((links) => links.map((link) => link.getAttribute('href')))
      expect(addresses).toHaveLength(6)
      await page.emulateMedia({ colorScheme: 'dark' })
      for (const address of addresses)
        for (const language of ['fr-CA', 'en']) {
          await page.goto(`${stage.demo.eEspresso}${address}?lang=${language}`)
          for (const format of ['Letter', 'A4']) expect(pagesOf(await page.pdf({ format }))).toBe(1)
        }

      await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
      expect(await page.locator('main').evaluate((main) => getComputedStyle(main).color)).toBe(
        'rgb(43, 29, 20)',
      )
      expect(await page.getByRole('heading', { name: 'Pay statement' }).isVisible()).toBe(true)
      for (const onScreenOnly of ['nav', 'button', 'details', '.pays', '#sign-out-hint'])
        expect(await page.locator(onScreenOnly).filter({ visible: true }).count()).toBe(0)
      await page.emulateMedia({ media: null })
    }, 'Marie-Antoinette-Joséphine de la Bruère-Tremblay-Bouchard'))
})

function pagesOf(pdf: Buffer): number {
  return pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length ?? 0
}
