import { entriesBetween, meanParts } from '../../baseline/history.ts'
import { evidenceOf, type HistoryEntry } from '../../baseline/history-entry.ts'
import { OTHER_PLACE } from '../../baseline/place.ts'
import type { FlowMemory } from '../flow-memory.ts'
import type { SeriesPlace } from './series-place.ts'

/** A phase or CPU time of less of the flow is watched when it takes more: most of an engine's phases never do. */
const MIN_TIME_RATIO = 0.01
/** A figure that most runs lack (the step was seldom alone in its process) is no series. */
const MEASURED_RATIO = 0.5

/**
 * What there is to watch in the executions since `from`, the most important of each kind first: phases by their time, resources
 * and failures by the name of their step. A bag has no order, and neither has this.
 */
export function seenPlaces(memory: FlowMemory, from: number): SeriesPlace[] {
  const entries = entriesBetween(memory.history, from)
  const steps = seenSteps(memory, entries, from)
  const leastCpuMs = MIN_TIME_RATIO * entries.reduce((sum, one) => sum + one.durationMs, 0)
  return [
    ...seenPhases(memory, entries),
    ...steps.flatMap(({ stepId, runCount, cpuCount, cpuMs, memoryCount, queueMs }) => {
      const least = Math.max(1, MEASURED_RATIO * runCount)
      const place = { stepId, phase: undefined }
      return [
        ...(cpuCount >= least && cpuMs >= leastCpuMs ? [{ metric: 'cpu' as const, ...place }] : []),
        ...(memoryCount >= least ? [{ metric: 'memory' as const, ...place }] : []),
        ...(queueMs > 0 ? [{ metric: 'queue_wait' as const, ...place }] : []),
        { metric: 'error_rate' as const, ...place },
      ]
    }),
  ]
}

function seenPhases({ history }: FlowMemory, entries: readonly HistoryEntry[]): SeriesPlace[] {
  const sums = new Map<string, { place: SeriesPlace; ms: number }>()
  const meansMs = meanParts(history, entries)
  const leastMs = MIN_TIME_RATIO * meansMs.reduce((sum, ms) => sum + ms, 0)
  for (const [index, { stepId, phase }] of history.places.entries()) {
    const ms = meansMs[index] ?? 0
    if (ms === 0 || phase === 'paused' || stepId === OTHER_PLACE.stepId) continue
    const key = JSON.stringify([stepId ?? 0, phase ?? 0])
    const place = { metric: 'phase' as const, stepId, phase }
    sums.set(key, { place, ms: (sums.get(key)?.ms ?? 0) + ms })
  }
  return [...sums.entries()]
    .filter(([, { ms }]) => ms >= leastMs)
    .sort(([keyA, a], [keyB, b]) => b.ms - a.ms || (keyA < keyB ? -1 : 1))
    .map(([, { place }]) => place)
}

interface SeenStep {
  readonly stepId: string
  runCount: number
  cpuCount: number
  cpuMs: number
  memoryCount: number
  queueMs: number
}

function seenSteps(
  { failures }: FlowMemory,
  entries: readonly HistoryEntry[],
  from: number,
): SeenStep[] {
  const steps = new Map<string, SeenStep>()
  const stepOf = (stepId: string): SeenStep => {
    const known = steps.get(stepId)
    if (known !== undefined) return known
    const fresh = { stepId, runCount: 0, cpuCount: 0, cpuMs: 0, memoryCount: 0, queueMs: 0 }
    steps.set(stepId, fresh)
    return fresh
  }
  for (const entry of entries) {
    for (const run of evidenceOf(entry)) {
      const step = stepOf(run.stepId)
      step.runCount += 1
      if (run.exclusiveCpuMs !== undefined) step.cpuCount += 1
      step.cpuMs += run.exclusiveCpuMs ?? 0
      if (run.heapGrowthBytes !== undefined) step.memoryCount += 1
      step.queueMs += run.queueMs
    }
  }
  for (const { position, stepIds } of failures.last)
    if (position >= from) for (const stepId of stepIds) stepOf(stepId)
  return [...steps.values()].sort((a, b) => (a.stepId < b.stepId ? -1 : 1))
}
