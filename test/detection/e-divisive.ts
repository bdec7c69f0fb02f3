import { studentTail } from './student-tail.ts'

/** As many values are looked at at once, and by so much the window moves. */
const WINDOW_COUNT = 50
const WINDOW_STEP = 25
/** Weak change points are gathered with the first, those that stay pass the second. */
const WEAK_P = 0.1

/**
 * Change points as Apache Otava finds them: energy statistics in windows propose, Student's t decides, the weakest
 * goes first. Matteson and James, "A nonparametric approach for multiple change point analysis", JASA 109 (2014), and
 * Fleming et al., "Hunter: Using Change Point Detection to Hunt for Performance Regressions", ICPE 2023. Slow on
 * purpose, and nothing of the analyzer is in it.
 */
export function eDivisive(values: readonly number[], { maxP }: { maxP: number }): number[] {
  const weak = new Set<number>()
  for (let from = 0; from === 0 || from + WINDOW_STEP < values.length; from += WINDOW_STEP) {
    const to = Math.min(values.length, from + WINDOW_COUNT)
    for (const index of splits(values, from, to)) weak.add(index)
  }
  return withoutWeak(
    values,
    [...weak].sort((a, b) => a - b),
    maxP,
  )
}

function splits(values: readonly number[], from: number, to: number): number[] {
  const open = [{ from, to }]
  const found: number[] = []
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    const index = bestSplit(values, part.from, part.to)
    if (index === undefined) continue
    const sides = [values.slice(part.from, index), values.slice(index, part.to)] as const
    if (pValue(...sides) > WEAK_P) continue
    found.push(index)
    open.push({ from: part.from, to: index }, { from: index, to: part.to })
  }
  return found
}

/** The split with the largest energy distance of its sides, weighted by their sizes. */
function bestSplit(values: readonly number[], from: number, to: number): number | undefined {
  let best: { index: number; energy: number } | undefined
  for (let index = from + 2; index <= to - 2; index += 1) {
    const [before, after] = [values.slice(from, index), values.slice(index, to)]
    const weight = (before.length * after.length) / (before.length + after.length)
    const between = (2 * distance(before, after)) / (before.length * after.length)
    const energy = weight * (between - within(before) - within(after))
    if (best === undefined || energy > best.energy) best = { index, energy }
  }
  return best?.index
}

function distance(one: readonly number[], other: readonly number[]): number {
  let sum = 0
  for (const a of one) for (const b of other) sum += Math.abs(a - b)
  return sum
}

function within(values: readonly number[]): number {
  return distance(values, values) / (values.length * (values.length - 1))
}

function withoutWeak(values: readonly number[], candidates: readonly number[], maxP: number) {
  let kept = candidates
  for (;;) {
    const ends = [0, ...kept, values.length]
    const ps = kept.map((index, at) =>
      pValue(values.slice(ends[at], index), values.slice(index, ends[at + 2])),
    )
    const worst = Math.max(0, ...ps)
    if (worst <= maxP) return [...kept]
    const weakest = ps.indexOf(worst)
    kept = kept.filter((_, at) => at !== weakest)
  }
}

/** Two-sided, Student's t with one variance for both sides. */
function pValue(before: readonly number[], after: readonly number[]): number {
  const freedom = before.length + after.length - 2
  if (Math.min(before.length, after.length) < 2) return 1
  const [a, b] = [meanOf(before), meanOf(after)]
  const squares = squaresAbout(before, a) + squaresAbout(after, b)
  if (squares === 0) return a === b ? 1 : 0
  const error = Math.sqrt((squares / freedom) * (1 / before.length + 1 / after.length))
  return 2 * studentTail(Math.abs(b - a) / error, freedom)
}

function squaresAbout(values: readonly number[], centre: number): number {
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0)
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
