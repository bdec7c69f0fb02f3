import { evidenceOf, type HistoryEntry } from '../baseline/history.ts'
import type { StepEvidence } from '../baseline/observation.ts'
import type { PathPlace } from '../baseline/place.ts'
import type { FindingClass } from './finding.ts'

/** CPU that covers this share of the work is what the work is; below the lower one the step mostly waits. */
const CPU_BOUND_RATIO = 0.6
const CPU_IDLE_RATIO = 0.3
/** The user's client spans cover this share of the work. */
const CLIENT_BOUND_RATIO = 0.5

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

/** `work` when nothing was measured that would say more. */
function classifyWork(
  stepId: string | undefined,
  entries: readonly HistoryEntry[],
): 'cpu' | 'io' | 'work' {
  const runs = entries.flatMap((entry) =>
    evidenceOf(entry).filter((step) => step.stepId === stepId),
  )
  const withCpu = runs.filter((run) => run.exclusiveCpuMs !== undefined)
  const cpuRatio = ratioOf(withCpu, (run) => run.exclusiveCpuMs ?? 0)
  if (cpuRatio !== undefined && cpuRatio >= CPU_BOUND_RATIO) return 'cpu'
  const clientRatio = ratioOf(runs, (run) => run.clientMs)
  if (clientRatio !== undefined && clientRatio >= CLIENT_BOUND_RATIO) return 'io'
  return cpuRatio !== undefined && cpuRatio <= CPU_IDLE_RATIO ? 'io' : 'work'
}

function ratioOf(
  runs: readonly StepEvidence[],
  partMs: (run: StepEvidence) => number,
): number | undefined {
  const workMs = runs.reduce((sum, run) => sum + run.workMs, 0)
  if (workMs <= 0) return undefined
  return runs.reduce((sum, run) => sum + partMs(run), 0) / workMs
}
