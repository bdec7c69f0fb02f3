import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TextMemory } from './text-memory.ts'

const bodyOf = (bytes: Uint8Array) => ({ bytes, view: new DataView(bytes.buffer) })
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })

test('texts are what a decoder makes of their bytes, whatever was read before', () => {
  const memory = new TextMemory()
  const few = fc.uint8Array({ min: 97, max: 99, maxLength: 70 })
  const any = fc.uint8Array({ maxLength: 70 })
  fc.assert(
    fc.property(fc.oneof(few, any), fc.nat(5), (text, before) => {
      const bytes = Uint8Array.from([...new Uint8Array(before), ...text, 0x61])
      expect(memory.decode(bodyOf(bytes), before, text.length)).toBe(utf8.decode(text))
    }),
    { numRuns: 20_000, seed: 20261125 },
  )
})

test('a text is not taken for one with the same words and another length', () => {
  const memory = new TextMemory()
  const zeros = bodyOf(new Uint8Array(64))
  for (let round = 0; round < 2; round++)
    for (let length = 0; length <= 64; length++)
      expect(memory.decode(zeros, 0, length)).toBe('\0'.repeat(length))
})
