/**
 * What looking for change points costs: `pnpm bench:build` in the package, then `node bench/dist/change-points.bench.mjs`.
 *
 * 20,000 values of a history, the best and the median of eleven rounds each, in ms of the processor: a machine that is
 * busy with other things makes no difference. Must stay below a second.
 */
import { uniformFrom } from '../../stats/hash-uniform.ts'
import { normal, randomStream } from '../../stats/random-stream.ts'
import { changePoints } from './change-points.ts'

const VALUE_COUNT = 20_000
const ROUND_COUNT = 11

/** The level at a place, as a factor. */
const histories: Readonly<Record<string, (index: number) => number>> = {
  'no change': () => 1,
  'one step': (index) => (index < 9_000 ? 1 : 1.3),
  'ten levels': (index) => 1 + 0.2 * (Math.floor(index / 2_000) % 2),
  'a thousand levels': (index) => 1 + 2 * uniformFrom(1, Math.floor(index / 20)),
  'a step on a drift': (index) => 1 + index / 40_000 + (index < 9_000 ? 0 : 0.3),
}

for (const [name, level] of Object.entries(histories)) {
  const random = randomStream(1)
  const values = Array.from(
    { length: VALUE_COUNT },
    (_, index) => 100 * level(index) * Math.exp(0.1 * normal(random)),
  )
  let found = 0
  const rounds = Array.from({ length: ROUND_COUNT }, () => {
    const start = process.cpuUsage()
    found = changePoints(values).changePoints.length
    const { user, system } = process.cpuUsage(start)
    return (user + system) / 1_000
  }).sort((a, b) => a - b)
  const [best, middle] = [rounds[0], rounds[ROUND_COUNT >> 1]].map((ms) => (ms ?? 0).toFixed(0))
  console.log(`${name}: best ${best} ms, median ${middle} ms, ${found} change points`)
}
