import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BodyParts } from './body-parts.ts'

test('whatever the chunks, the body is their bytes in order', () => {
  const size = fc.oneof(fc.nat(40), fc.integer({ min: 4_000, max: 5_000 }), fc.nat(70_000))
  fc.assert(
    fc.property(fc.array(size, { maxLength: 30 }), (sizes) => {
      const chunks = sizes.map((bytes, n) => Buffer.alloc(bytes, n + 1))
      const parts = new BodyParts()
      for (const chunk of chunks) parts.add(chunk)
      const expected = Buffer.concat(chunks)
      expect(parts.byteCount).toBe(expected.length)
      expect(parts.take().equals(expected)).toBe(true)
      expect([parts.byteCount, parts.partCount]).toEqual([0, 0])
    }),
    { seed: 35 },
  )
})

test('chunks of one byte are few parts', () => {
  const parts = new BodyParts()
  for (let n = 0; n < 1_000_000; n++) parts.add(Buffer.alloc(1, n))
  // Blocks that double up to 64 KiB, and then one for every 64 KiB.
  expect(parts.partCount).toBeLessThanOrEqual(17 + 1_000_000 / 65_536)
})

test('a small chunk after each large one is a part, and not a block of its own', () => {
  const parts = new BodyParts()
  const [large, small] = [Buffer.alloc(4_096), Buffer.alloc(1)]
  for (let n = 0; n < 100; n++) for (const chunk of [large, small]) parts.add(chunk)
  expect(parts.partCount).toBe(200)
})

test('large chunks are kept, not copied', () => {
  const chunk = Buffer.alloc(10_000)
  const parts = new BodyParts()
  parts.add(chunk)
  chunk[0] = 7
  expect(parts.take()[0]).toBe(7)
})
