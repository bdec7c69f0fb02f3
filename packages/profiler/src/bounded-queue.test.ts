import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BoundedQueue } from './bounded-queue.ts'

test('behaves as an array with a bound', () => {
  const action = fc.oneof(
    fc.record({ kind: fc.constant('offer' as const), value: fc.nat() }),
    fc.record({ kind: fc.constant('take' as const), value: fc.nat(6) }),
  )
  fc.assert(
    fc.property(
      fc.array(action, { maxLength: 80 }),
      fc.integer({ min: 1, max: 8 }),
      (actions, capacity) => {
        const queue = new BoundedQueue<number>(capacity)
        const model: number[] = []
        for (const { kind, value } of actions) {
          if (kind === 'take') expect(queue.take(value)).toEqual(model.splice(0, value))
          else expect(queue.offer(value)).toBe(model.length < capacity && model.push(value) > 0)
          expect(queue.size).toBe(model.length)
        }
      },
    ),
    { seed: 11 },
  )
})
