import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BodyError } from './body.ts'
import { refuseCostlyJson } from './json-cost.ts'

const MAX_BYTES = 10_000
/** One mark for 10 bytes. */
const MAX_MARKS = 1_000

const refuse = (text: string) => refuseCostlyJson(Buffer.from(text), MAX_BYTES)

describe('depth', () => {
  test.each([
    ['lists', '[', ']'],
    ['objects', '{"a":', '}'],
    ['both', '[{"a":', '}]'],
  ])('of %s is bounded', (_name, open, close) => {
    const levels = 64 / (open.match(/[[{]/g)?.length ?? 1)
    const nested = (count: number) => `${open.repeat(count)}1${close.repeat(count)}`
    expect(() => refuse(nested(levels))).not.toThrow()
    expect(() => refuse(nested(levels + 1))).toThrow('expected at most 64 levels')
  })

  test('is refused where it goes too far', () => {
    expect(() => refuse('['.repeat(100_000))).toThrow(expect.objectContaining({ at: 'byte 64' }))
  })

  test('is not what stands side by side, or in texts', () => {
    expect(() => refuse(`[${'[],'.repeat(400)}0]`)).not.toThrow()
    expect(() => refuse(`["${'['.repeat(5_000)}","\\"${'['.repeat(5_000)}\\\\"]`)).not.toThrow()
  })
})

describe('the number of values is bounded', () => {
  test.each([
    ['numbers', '1,'],
    ['lists', '[],'],
    ['objects', '{},'],
    ['names', '"a":1,'],
  ])('%s', (_name, one) => {
    const marks = one.match(/[[{,:]/g)?.length ?? 1
    const count = Math.floor((MAX_MARKS - 1) / marks)
    expect(() => refuse(`[${one.repeat(count)}`)).not.toThrow()
    const caught = (() => {
      try {
        refuse(`[${one.repeat(count + 1)}`)
      } catch (error) {
        return error
      }
    })()
    expect(caught).toBeInstanceOf(BodyError)
    expect(caught).toMatchObject({
      problem: { status: 413, at: expect.stringMatching(/^byte \d+$/) },
      message: expect.stringContaining('expected at most 1000 names, values, lists and objects'),
    })
  })

  test('and those in texts do not count', () => {
    expect(() => refuse(JSON.stringify({ text: ',:[{"'.repeat(5_000) }))).not.toThrow()
  })
})

test('shallow and small JSON passes, whatever its texts', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 5 }), (text) => {
      fc.pre(text.length < MAX_MARKS)
      refuse(text)
    }),
    { numRuns: 500, seed: 3 },
  )
})
