import fc from 'fast-check'
import { expect, test } from 'vitest'
import { collected } from './collected.ts'
import { readLines } from './lines.ts'

async function* inChunks(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let at = 0
  for (const size of sizes) {
    yield bytes.subarray(at, at + size)
    at += size
  }
  yield bytes.subarray(at)
}

test('however the chunks are cut, the lines and their positions are those of the text', async () => {
  const chunkSizes = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 30 })
  const texts = fc.array(fc.constantFrom('', 'a', '支払い', '{"x":"é"}'), { maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(texts, chunkSizes, async (lines, sizes) => {
      const bytes = Buffer.from(lines.join('\n'))
      const read = await collected(readLines(inChunks(bytes, sizes)))
      const whole = lines.at(-1) === '' ? lines.slice(0, -1) : lines
      expect(read.map(({ text }) => text)).toEqual(whole)
      for (const { text, byteOffset } of read) {
        expect(bytes.toString('utf8', byteOffset, byteOffset + Buffer.byteLength(text))).toBe(text)
      }
    }),
  )
})
