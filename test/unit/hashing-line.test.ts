// Threat: strangers who ask for hashes by the thousand, so that nobody else gets one.

import { describe, expect, test } from '@jest/globals'
import { BACKGROUND, createHashingLine, INTERNAL, type Caller } from '../../src/accounts/hashing-line.js'
import { enclosingNetworks } from '../../src/networks.js'

type Place = { caller: Caller; name: string }

const stranger = (address: string): Caller => ({ class: 'stranger', sources: enclosingNetworks(address) })
const shared = (address: string): Caller => ({ class: 'shared-network', sources: enclosingNetworks(address) })
const known = (browser: string): Caller => ({ class: 'known-browser', sources: [browser] })

/** A line in which places are named, or by their number. */
function openLine(mostPlaces?: number) {
  const line = createHashingLine<Place>(mostPlaces)
  let count = 0
  return {
    join: (caller: Caller, name = String((count += 1))) => line.join({ caller, name })?.name,
    next: () => line.next()?.name,
    serve: (times: number) => Array.from({ length: times }, () => line.next()?.name),
  }
}

/** The n-th address of a flood from the /64s of one network. */
const fromOne40 = (n: number) => `2001:db8:${(0x4000 + (n % 256)).toString(16)}:${(n >> 8).toString(16)}::1`
const fromOne48 = (n: number) => `2001:db8:1:${(n % 256).toString(16)}::1`

describe('a line', () => {
  test('serves one network in the order of arrival, and knows when nobody is left', () => {
    const line = openLine()
    for (const name of ['Marie', 'Luc', 'Anne']) line.join(stranger('192.0.2.1'), name)
    expect(line.serve(4)).toEqual(['Marie', 'Luc', 'Anne', undefined])
  })

  test('forgets a place that is given up, once', () => {
    const line = createHashingLine<Place>()
    const place = { caller: INTERNAL, name: 'Marie' }
    line.join(place)
    expect([line.leave(place), line.leave(place), line.next()]).toEqual([true, false, undefined])
  })
})

describe('classes of callers', () => {
  const FLOOD = 400

  test.each([
    ['a known browser', known('a')],
    ['an address of the organisation', shared('10.0.0.1')],
    ['an operator', INTERNAL],
  ])('%s is next, whatever strangers wait', (_who, caller) => {
    const line = openLine()
    for (let index = 0; index < FLOOD; index += 1) line.join(stranger(fromOne40(index)))
    line.serve(50)
    line.join(caller, 'Marie')
    expect(line.next()).toBe('Marie')
  })

  test('each that is crowded has its share, and no one can take all', () => {
    const line = openLine()
    for (let index = 0; index < FLOOD; index += 1) {
      line.join(INTERNAL, 'internal')
      line.join(known(`browser ${index}`), 'known')
      line.join(shared(`10.0.0.${index % 200}`), 'shared')
      line.join(stranger(fromOne40(index)), 'stranger')
    }
    const served: Record<string, number> = {}
    for (const name of line.serve(160)) served[String(name)] = (served[String(name)] ?? 0) + 1
    expect(served).toEqual({ internal: 20, known: 80, shared: 40, stranger: 20 })
  })

  test('what nobody waits for at a page comes when no one else is in line, and costs no class its share', () => {
    const line = openLine()
    for (const name of ['first', 'second', 'third']) line.join(BACKGROUND, name)
    expect(line.next()).toBe('first')
    for (let index = 0; index < 40; index += 1) line.join(stranger(fromOne40(index)), 'stranger')
    line.join(INTERNAL, 'Marie')
    expect(line.serve(41).filter((name) => name !== 'stranger')).toEqual(['Marie'])
    expect(line.serve(3)).toEqual(['second', 'third', undefined])
  })

  test('a class that nobody asked for saves nothing up: it takes no more than its share later', () => {
    const line = openLine()
    for (let index = 0; index < 300; index += 1) line.join(stranger(fromOne40(index)), 'stranger')
    line.serve(200)
    for (let index = 0; index < 100; index += 1) line.join(known('a'), 'known')
    // A fifth, but for the one that went before.
    expect(line.serve(50).filter((name) => name === 'stranger')).toHaveLength(9)
  })

  test('what no one else asks for, strangers may have', () => {
    const line = openLine()
    for (let index = 0; index < 10; index += 1) line.join(stranger('192.0.2.1'))
    expect(line.serve(10)).not.toContain(undefined)
  })
})

describe('strangers take turns', () => {
  test.each([
    ['ten thousand /64s of one /40', fromOne40],
    ['256 /64s of one /48', fromOne48],
    ['one /24', (n: number) => `203.0.113.${n % 256}`],
    ['one /16', (n: number) => `203.0.${n % 256}.7`],
  ])('%s wait, and a newcomer from elsewhere is next but one at most', (_flood, address) => {
    for (const newcomer of ['198.51.100.7', '2001:db9::7']) {
      const line = openLine()
      for (let index = 0; index < 400; index += 1) line.join(stranger(address(index)))
      line.serve(10)
      line.join(stranger(newcomer), 'Marie')
      expect(line.serve(2)).toContain('Marie')
    }
  })

  test.each([
    ['a site', '2001:db8:2::1'],
    ['a street', '2001:db8:1:ff00::1'],
    ['a household', '2001:db8:1:fa::1'],
  ])(
    '%s that is new beside those of one flood waits for one turn of each of them at most',
    (_new, address) => {
      const line = openLine()
      const networks = 200
      for (let index = 0; index < 400; index += 1) line.join(stranger(fromOne48(index % networks)))
      line.serve(50)
      line.join(stranger(address), 'Marie')
      expect(line.serve(address.includes('fa') ? networks + 1 : 2)).toContain('Marie')
    },
  )

  test('a flood that is new at every turn cannot pass those who were there before', () => {
    const line = openLine()
    const fresh = (n: number) => stranger(`${1 + (n >> 8)}.${n & 255}.0.1`)
    line.join(stranger('198.51.100.7'), 'Luc')
    line.serve(1) // Luc's network had its turn: Marie is no newcomer
    for (let index = 0; index < 20; index += 1) line.join(fresh(index))
    line.join(stranger('198.51.100.8'), 'Marie')
    const served = []
    for (let index = 20; index < 60; index += 1) {
      served.push(line.next())
      line.join(fresh(index))
      line.join(fresh(1_000 + index))
    }
    expect(served.indexOf('Marie')).toBe(20)
  })

  test('two networks share evenly, one of which has a hundred times more addresses', () => {
    const line = openLine()
    for (let index = 0; index < 400; index += 1) line.join(stranger(fromOne40(index)), 'crowd')
    for (let index = 0; index < 50; index += 1) line.join(stranger('192.0.2.1'), 'one')
    expect(line.serve(40).filter((name) => name === 'one')).toHaveLength(20)
  })
})

describe('what nobody waits for', () => {
  test('comes last, and has one turn in fifty where others never leave the line', () => {
    const line = openLine()
    for (let index = 0; index < 3; index += 1) line.join(BACKGROUND, 'mail')
    for (let index = 0; index < 120; index += 1) line.join(stranger(fromOne40(index)), 'stranger')
    const served = line.serve(123)
    expect(served.flatMap((name, index) => (name === 'mail' ? [index] : []))).toEqual([50, 101, 122])
  })
})

describe('a line that is full', () => {
  test('takes a newcomer in, and the most crowded network loses its newest place', () => {
    const line = openLine(10)
    line.join(stranger('198.51.100.7'), 'Luc')
    for (let index = 1; index <= 9; index += 1) line.join(stranger('2001:db8:1::1'), `flood ${index}`)
    expect(line.join(stranger('192.0.2.1'), 'Marie')).toBe('flood 9')
    expect(line.join(stranger('2001:db8:2::1'), 'flood 10')).toBe('flood 8')
    expect(line.serve(20)).toEqual(expect.arrayContaining(['Luc', 'Marie', 'flood 1']))
  })

  test('refuses the newcomer of the crowd itself, and costs no other class a place', () => {
    const line = openLine(3)
    line.join(known('a'), 'known')
    for (let index = 1; index <= 3; index += 1) line.join(stranger('192.0.2.1'), `flood ${index}`)
    expect(line.join(stranger('192.0.2.1'), 'one more')).toBe('one more')
    expect(line.serve(5)).toEqual(['known', 'flood 1', 'flood 2', 'flood 3', undefined])
  })
})
