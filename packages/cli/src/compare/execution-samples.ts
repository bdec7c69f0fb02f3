import { type Execution, PHASES } from '@qflow-otel/analyzer'
import type { SampleSets } from './sample-sets.ts'

/** As much of an execution as is compared: one that was read here, or one that a collector sent. */
export type ComparedExecution = Pick<
  Execution,
  'flowId' | 'activeNs' | 'status' | 'errorType' | 'closeReason' | 'flags'
> & {
  readonly steps: readonly Pick<
    Execution['steps'][number],
    'stepId' | 'startNs' | 'endNs' | 'phasesNs' | 'missingPhases'
  >[]
}

const MS_NS = 1e6

/**
 * Takes an execution's times in ms: its own, those of its steps (all runs of a step together) and of their phases. A
 * phase that a step spent no time in took 0 ms, one that was not measured has no value. Executions that failed or are not whole are left out: they say
 * nothing of how long one takes.
 */
export function addExecution(
  sets: SampleSets,
  side: 'before' | 'after',
  execution: ComparedExecution,
): void {
  const reason = leftOutReason(execution)
  if (reason !== undefined) {
    sets.leaveOut(reason)
    return
  }
  const { flowId } = execution
  sets.add(side, flowId, execution.activeNs / MS_NS)
  const times = new Map<string, number>()
  for (const { stepId, startNs, endNs, phasesNs, missingPhases } of execution.steps) {
    const place = `${flowId} › ${stepId}`
    times.set(place, (times.get(place) ?? 0) + (endNs - startNs))
    for (const phase of PHASES) {
      if (missingPhases.includes(phase)) continue
      const part = `${place} › ${phase}`
      times.set(part, (times.get(part) ?? 0) + (phasesNs[phase] ?? 0))
    }
  }
  for (const [place, ns] of times) sets.add(side, place, ns / MS_NS)
}

function leftOutReason(execution: ComparedExecution): 'failed' | 'incomplete' | undefined {
  const { status, errorType, closeReason, flags } = execution
  if (errorType !== undefined || status === 'failed') return 'failed'
  const isWhole = status === undefined || status === 'completed'
  const isCut = flags.includes('missing_root') || closeReason === 'evicted'
  return isWhole && !isCut && closeReason !== undefined ? undefined : 'incomplete'
}
