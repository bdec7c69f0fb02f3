/**
 * Does virtual speed-up predict what taking a delay out gains? 90 workloads under a virtual clock, 10 in real time;
 * prints both tables and fails when the claim does not hold. What it said: docs/evidence/virtual-speed-up.md.
 */
import { type Comparison, compare, isNear, isRight } from './compare.ts'
import { comparisonTable } from './comparison-table.ts'
import { generateWorkload, SHAPE_NAMES, VIRTUAL_COUNT } from './generate-workload.ts'
import type { Workload } from './workload.ts'
import { createRealWorld, createVirtualWorld } from './world.ts'

const REAL_COUNT = 10
const REQUIRED_RATIO = 0.9
/** In real time most steps take 60 to 360 ms, so that timers that are late by one or two do not count. */
const STRETCH = 6
/** A delay that stands out of the noise. */
const MIN_REAL_GAIN = 0.2

const virtual: Comparison[] = []
for (let number = 0; number < VIRTUAL_COUNT; number++)
  virtual.push(await compareVirtually(generateWorkload(number)))
report('Under a virtual clock', virtual)

const real: Comparison[] = []
for (let index = 0; index < REAL_COUNT; index++) {
  const workload = await firstForRealTime(index % SHAPE_NAMES.length)
  real.push(await compare(workload, { createWorld: () => createRealWorld(STRETCH), by: 'medians' }))
}
report('In real time', real)

const holds = [virtual, real].every((list) => rightCount(list) >= REQUIRED_RATIO * list.length)
process.exitCode = holds ? 0 : 1

function compareVirtually(workload: Workload): Promise<Comparison> {
  return compare(workload, { createWorld: createVirtualWorld, by: 'sums' })
}

/**
 * The first workload of a shape whose delay counts. None that computes: it would share the processor with whatever
 * else the machine does.
 */
async function firstForRealTime(shapeIndex: number): Promise<Workload> {
  for (let number = shapeIndex; ; number += SHAPE_NAMES.length) {
    const workload = generateWorkload(number)
    if (Object.values(workload.costs).some(({ cpuMs, listenerMs }) => cpuMs + listenerMs > 0))
      continue
    const { measuredGain } = await compareVirtually(workload)
    if (measuredGain < MIN_REAL_GAIN) continue
    return workload
  }
}

function report(title: string, comparisons: readonly Comparison[]): void {
  const shareCount = comparisons.filter((one) => isNear(one.shareGain, one.measuredGain)).length
  console.log(`\n${title}\n\n${comparisonTable(comparisons)}\n`)
  console.log(`right: ${rightCount(comparisons)} of ${comparisons.length}`)
  console.log(`the share of the critical path would have been right: ${shareCount}`)
}

function rightCount(comparisons: readonly Comparison[]): number {
  return comparisons.filter(isRight).length
}
