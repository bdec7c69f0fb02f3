import { expect, test } from 'vitest'
import { randomStream } from '../stats/random-stream.ts'
import { PlacedQueue } from './placed-queue.ts'

interface Placed {
  readonly id: number
  place: number
}

test.each([
  ['the oldest go', 0],
  ['some go before others', 0.1],
  ['any go', 1],
])('what is in it is what is in a set, in the same order: %s', (_, anyRatio) => {
  const random = randomStream(1)
  const queue = new PlacedQueue<Placed>((item, place) => {
    item.place = place
  })
  const known = new Set<Placed>()
  let fullCount = 0
  for (let id = 0; id < 40_000; id++) {
    const isFilling = id % 10_000 < 5_000
    if (random() < (isFilling ? 0.8 : 0.3)) {
      const item = { id, place: 0 }
      item.place = queue.push(item)
      known.add(item)
    } else if (known.size > 0) {
      const at = random() < anyRatio ? Math.floor(random() * Math.min(known.size, 50)) : 0
      // A place below the size.
      const item = nth(known, at) as Placed
      queue.delete(item.place)
      known.delete(item)
    }
    const [first] = known
    if (queue.first() !== first) expect.unreachable(`${queue.first()?.id} at ${id}`)
    if (id % 500 === 0) expect(queue.all()).toEqual([...known])
    expect(queue.isEmpty).toBe(known.size === 0)
    fullCount = Math.max(fullCount, known.size)
  }
  expect(fullCount).toBeGreaterThan(2_500)
})

function nth(items: Iterable<Placed>, index: number): Placed | undefined {
  let at = 0
  for (const item of items) if (at++ === index) return item
  return undefined
}

test('what comes again and again takes no more places than there are, though the first one stays', () => {
  const queue = new PlacedQueue<Placed>((item, place) => {
    item.place = place
  })
  const stays = { id: 0, place: 0 }
  const comes = { id: 1, place: 0 }
  stays.place = queue.push(stays)
  comes.place = queue.push(comes)
  for (let count = 0; count < 5_000; count++) {
    queue.delete(comes.place)
    comes.place = queue.push(comes)
    expect(comes.place).toBeLessThan(2_000)
  }
  expect(queue.all()).toEqual([stays, comes])
  const other = { id: 2, place: stays.place }
  queue.replace(stays.place, other)
  expect(queue.first()).toBe(other)
})
