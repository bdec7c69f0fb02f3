import { evidenceOf, type HistoryEntry } from '../../baseline/history-entry.ts'
import type { StepEvidence } from '../../baseline/observation.ts'
import type { PathPlace } from '../../baseline/place.ts'
import type { FindingClass } from '../finding.ts'

/** CPU that covers this share of the work is what the work is. */
const CPU_BOUND_RATIO = 0.6
/** The user's client spans cover this share of the work. */
const CLIENT_BOUND_RATIO = 0.5
/** A few runs that happened to be alone speak for all; one does not. */
const MIN_ALONE_COUNT = 5
/** A collection in every second run is the rule, not an accident. */
const COLLECTED_RATIO = 0.5
/** V8's young generation holds 16 MiB: a run that leaves a quarter of it calls for a collection every few runs. */
const MIN_GROWTH_BYTES = 4 * 2 ** 20

/** The nature of the time spent at a place: by its phase, and for work by what was measured in these executions. */
export function classify(place: PathPlace, entries: readonly HistoryEntry[]): FindingClass {
  switch (place.phase) {
    case 'validation':
    case 'ledger':
    case 'queue':
    case 'engine':
      return place.phase
    case 'resource_wait':
      return 'resource-wait'
    case 'retry_backoff':
      return 'retry'
    default:
      return place.spanName === undefined ? classifyWork(place.stepId, entries) : 'io'
  }
}

/**
 * `work` when nothing was measured that would say more.
 *
 * CPU time counts where it was the step's alone. A shared figure is an upper bound: it tells what the step did not
 * use, and nothing here follows from that. Little CPU is not io either: it may be a timer.
 */
function classifyWork(
  stepId: string | undefined,
  entries: readonly HistoryEntry[],
): 'cpu' | 'memory' | 'io' | 'work' {
  const runs = entries.flatMap((entry) =>
    evidenceOf(entry).filter((step) => step.stepId === stepId),
  )
  const clientRatio = ratioOf(runs, (run) => run.clientMs)
  if (clientRatio !== undefined && clientRatio >= CLIENT_BOUND_RATIO) return 'io'
  const alone = runs.filter((run) => run.exclusiveCpuMs !== undefined)
  if (alone.length < Math.min(MIN_ALONE_COUNT, runs.length)) return 'work'
  const cpuRatio = ratioOf(alone, (run) => run.exclusiveCpuMs ?? 0)
  if (cpuRatio === undefined || cpuRatio < CPU_BOUND_RATIO) return 'work'
  return isCollecting(alone) ? 'memory' : 'cpu'
}

/**
 * Of runs whose CPU time is known, those without a heap growth had a collection; it is part of their CPU time. Where
 * no run has a growth, it may never have been recorded.
 */
function isCollecting(alone: readonly StepEvidence[]): boolean {
  const growths = alone.flatMap(({ heapGrowthBytes }) => heapGrowthBytes ?? [])
  if (growths.length === 0) return false
  const meanBytes = growths.reduce((sum, bytes) => sum + bytes, 0) / growths.length
  const collectedRatio = 1 - growths.length / alone.length
  return collectedRatio >= COLLECTED_RATIO && meanBytes >= MIN_GROWTH_BYTES
}

function ratioOf(
  runs: readonly StepEvidence[],
  partMs: (run: StepEvidence) => number,
): number | undefined {
  const workMs = runs.reduce((sum, run) => sum + run.workMs, 0)
  if (workMs <= 0) return undefined
  return runs.reduce((sum, run) => sum + partMs(run), 0) / workMs
}
