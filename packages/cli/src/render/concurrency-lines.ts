import type { Concurrency, Plain } from '@qflow-otel/analyzer'
import type { Line } from '../text/line.ts'
import { count, duration, percent } from '../text/quantity.ts'
import { wrapped } from '../text/wrapped.ts'
import type { Layout } from './layout.ts'

/** How many executions were open at once: `1.8 open at once, at most 5, busy 84 % of 32.0 s, n = 64`. */
export function concurrencyLines(
  concurrency: Plain<Concurrency> | undefined,
  { width }: Layout,
): readonly Line[] {
  if (concurrency === undefined) return []
  const { meanOpenCount, maxOpenCount, busyRatio, windowMs } = concurrency
  const text =
    `${meanOpenCount.toPrecision(2)} open at once on average, at most ${count(maxOpenCount)}, ` +
    `busy ${percent(busyRatio)} of ${duration(windowMs)}, n = ${count(concurrency.count)}`
  return wrapped({ text, width, indent: 2, tone: 'faint' })
}
