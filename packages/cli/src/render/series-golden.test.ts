import { expect, test } from 'vitest'
import { detectIn } from '../series/detected.ts'
import type { Series } from '../series/series.ts'
import { lineWidth } from '../text/line.ts'
import { paint } from '../text/paint.ts'
import { detectedLines } from './detected-series.ts'
import { layoutFor } from './layout.ts'
import { svgSeries } from './svg/svg-series.ts'

/** Noise without chance: as even as a lattice, no two neighbours alike. */
function lattice(at: number): number {
  return ((at * 0.6180339887) % 1) - 0.5
}

function series(name: string, count: number, level: (at: number) => number): Series {
  const points = Array.from({ length: count }, (_, at) => ({
    value: at === 40 ? Number.NaN : level(at) * (1 + 0.1 * lattice(at)) * (at === 25 ? 3 : 1),
    time: { text: `${at}`, unixMs: Date.UTC(2026, 0, 1 + at) },
    label: `c${at}`,
  }))
  return { name, unit: 'ms', points, isRun: false }
}

const detected = [
  series('checkout', 120, (at) => (at < 60 ? 100 : at < 90 ? 125 : 90)),
  series('search <&"\u202e', 2_000, (at) => (at < 1_500 ? 3 : 3.3)),
  series('login', 80, () => 20),
].map((one) => detectIn(one, { kind: 'offline', smallestEffectRatio: 0 }))

test.each([60, 80, 120])('%i columns', async (columns) => {
  const lines = detectedLines(detected, { ...layoutFor(columns), chartWidth: columns })
  await expect(paint(lines, { colour: false })).toMatchFileSnapshot(
    `golden/detected-${columns}.txt`,
  )
  expect(lines.filter((line) => lineWidth(line) > columns)).toEqual([])
})

test('the same as a picture', async () => {
  const svg = svgSeries(detected)
  await expect(svg).toMatchFileSnapshot('svg/golden/series.svg')
  expect(svg).not.toMatch(/NaN|Infinity|undefined|\u202e/)
})
