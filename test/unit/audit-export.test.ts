// Threat: an event that computes something in the reader's spreadsheet, or that reads as two (WEB-5, WEB-6,
// LOG-3).

import { describe, expect, test } from '@jest/globals'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { csvHeader, csvLine, jsonLine, toExported } from '../../src/audit/export.js'
import type { StoredAuditEvent } from '../../db/repositories/audit-events.js'

const row: StoredAuditEvent = {
  sequence: 7,
  occurredAt: Date.UTC(2026, 10, 24, 19, 32),
  event: 'account.disabled',
  outcome: 'success',
  actor: 'operator:root',
  accountId: 'an-id',
  cip: 'tram1234',
  clientAddress: 'cli',
  reason: 'départ, « définitif »',
  details: '{"sessions":2}',
  keyId: 'test',
  hash: 'the-hash',
}

/** What is written for the reason of an event; the cell after it is empty. */
const csvField = (reason: string | number | null): string =>
  csvLine({ ...toExported(row), reason, details: null }).replace(/^.*?,cli,|,\r\n$/gs, '')

describe('a CSV field', () => {
  test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '=HYPERLINK("https://evil.example")'])(
    '%j stays text',
    (text) => {
      expect(csvField(text).replace(/^"/, '').startsWith("'")).toBe(true)
    },
  )

  test.each([
    ['a plain word', 'tram1234', 'tram1234'],
    ['a comma', 'a,b', '"a,b"'],
    ['a quotation mark', 'a "b"', '"a ""b"""'],
    ['a line break', 'a\nb', '"a\nb"'],
    ['a hyphen inside', 'a-b', 'a-b'],
    ['a number', -5, '-5'],
    ['nothing', null, ''],
  ])('%s is written as RFC 4180 says', (_what, value, written) => {
    expect(csvField(value)).toBe(written)
  })

  test('reads back as it was, but for the apostrophe', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const [[read] = []] = parse(`${csvField(text)},end\r\n`)
        expect(read?.replace(/^'(?=[=+\-@\t\r])/, '')).toBe(text.replace(/^'(?=[=+\-@\t\r])/, ''))
      }),
      { numRuns: 40 },
    )
  })
})

describe('an exported event', () => {
  test('has its time in UTC, and neither key nor hash', () => {
    expect(toExported(row)).toEqual({
      sequence: 7,
      occurredAt: '2026-11-24T19:32:00.000Z',
      event: 'account.disabled',
      outcome: 'success',
      actor: 'operator:root',
      cip: 'tram1234',
      accountId: 'an-id',
      clientAddress: 'cli',
      reason: 'départ, « définitif »',
      details: '{"sessions":2}',
    })
  })

  test('is one line of JSON, whatever it holds', () => {
    const line = jsonLine(toExported({ ...row, reason: 'a\nb\r\nSUCCESS' }))
    expect(line).toMatch(/^[^\r\n]+\n$/)
    expect(JSON.parse(line)).toMatchObject({ reason: 'a\nb\r\nSUCCESS' })
  })

  test('stands under its headings in CSV', () => {
    expect(parse(csvHeader() + csvLine(toExported(row)), { columns: true })).toEqual([
      {
        sequence: '7',
        occurredAt: '2026-11-24T19:32:00.000Z',
        event: 'account.disabled',
        outcome: 'success',
        actor: 'operator:root',
        cip: 'tram1234',
        accountId: 'an-id',
        clientAddress: 'cli',
        reason: 'départ, « définitif »',
        details: '{"sessions":2}',
      },
    ])
  })
})
