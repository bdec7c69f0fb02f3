import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hashText, uniformFrom } from './hash-uniform.ts'
import { sha256 } from './sha256.ts'

test.each([
  ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  [
    'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
    '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
  ],
])('SHA-256 of %j', (text, digest) => {
  expect(sha256(text)).toBe(digest)
})

test('SHA-256 agrees with Node for any text and length', () => {
  const text = fc.string({ unit: 'binary', maxLength: 300 })
  fc.assert(
    fc.property(text, (one) => {
      expect(sha256(one)).toBe(createHash('sha256').update(one, 'utf8').digest('hex'))
    }),
  )
})

test('uniform numbers are spread evenly and do not follow each other', () => {
  const numbers = Array.from({ length: 20_000 }, (_, i) => uniformFrom(hashText(`e${i}`), i % 7))
  const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length
  const lag = numbers.reduce(
    (sum, value, i) => sum + (value - 0.5) * ((numbers[i + 1] ?? 0.5) - 0.5),
    0,
  )
  expect(Math.abs(mean - 0.5)).toBeLessThan(0.01)
  expect(Math.abs((lag / numbers.length) * 12)).toBeLessThan(0.03)
  for (let bin = 0; bin < 10; bin += 1) {
    const count = numbers.filter((value) => Math.floor(value * 10) === bin).length
    expect(Math.abs(count - 2_000)).toBeLessThan(200)
  }
  expect(numbers.every((value) => value > 0 && value < 1)).toBe(true)
})
