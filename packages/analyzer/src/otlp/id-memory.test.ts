import fc from 'fast-check'
import { expect, test } from 'vitest'
import { IdMemory } from './id-memory.ts'

test.each([8, 16] as const)(
  'ids of %d bytes are their hex digits, whatever was read before',
  (length) => {
    const memory = new IdMemory(length)
    // Ids of zeros and ones come again, so that places are found taken and known.
    const few = fc.uint8Array({ max: 1, minLength: length, maxLength: length })
    const any = fc.uint8Array({ minLength: length, maxLength: length })
    fc.assert(
      fc.property(fc.oneof(few, any), (id) => {
        const bytes = Uint8Array.from([0xff, ...id])
        const body = { bytes, view: new DataView(bytes.buffer) }
        expect(memory.hex(body, 1)).toBe(Buffer.from(id).toString('hex'))
      }),
      { numRuns: 20_000, seed: 20261127 },
    )
  },
)

test('the id of nothing but zeros, before and after others took its place', () => {
  const memory = new IdMemory(8)
  const hex = (...words: number[]) => {
    const bytes = new Uint8Array(Uint32Array.from(words).buffer)
    return memory.hex({ bytes, view: new DataView(bytes.buffer) }, 0)
  }
  expect(hex(0, 0)).toBe('0'.repeat(16))
  expect(hex(1, 1)).toBe('01000000'.repeat(2))
  expect(hex(0, 0)).toBe('0'.repeat(16))
})
