import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nowNs, toHrTime, toSeconds } from './clock.ts'
import { nsOf } from './test-telemetry.ts'

/** 104 days in ns: as far as whole ns are exact. */
const reachNs = fc.integer({ min: 0, max: 104 * 86_400 * 1e9 })

test('differences of times are exactly the differences of readings', () => {
  fc.assert(
    fc.property(reachNs, reachNs, (a, b) => {
      expect(nsOf(toHrTime(a)) - nsOf(toHrTime(b))).toBe(BigInt(a - b))
      const [seconds, nanos] = toHrTime(a)
      expect(
        Number.isInteger(seconds) && Number.isInteger(nanos) && nanos >= 0 && nanos < 1e9,
      ).toBe(true)
    }),
    { seed: 1 },
  )
})

test('seconds give back the whole ns they were made of, up to 2^51 ns (26 days)', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 51 }), (ns) => {
      expect(Math.round(toSeconds(ns) * 1e9)).toBe(ns)
    }),
    { seed: 1, numRuns: 10_000 },
  )
})

test('readings are whole, never go back, and lie beside the wall clock', () => {
  let lastNs = nowNs()
  for (let count = 0; count < 10_000; count++) {
    const ns = nowNs()
    expect(ns).toBeGreaterThanOrEqual(lastNs)
    lastNs = ns
  }
  expect(Number.isInteger(lastNs)).toBe(true)
  const [seconds, nanos] = toHrTime(nowNs())
  // The anchor tolerates 50 ms of drift; a second is far from any mistake of unit.
  expect(Math.abs(seconds * 1e3 + nanos / 1e6 - Date.now())).toBeLessThan(1_000)
})
