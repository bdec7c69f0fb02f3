import type { QueueHolder } from '../path/queue-holders.ts'
import type { Phase, PhaseLengths } from '../trace/execution.ts'
import type { Fact } from './circumstances.ts'
import type { PathPlace } from './place.ts'

/** What is said of an execution as a whole. */
export interface ExecutionHead {
  readonly executionId: string
  readonly traceId: string
  readonly flowVersion: string | undefined
  /** Executions that it stands for; absent when it was sampled and nobody knows how. */
  readonly weight: number | undefined
  /** Versions, node, trigger and attributes; see `factsOf`. Mostly the same list as before while executions say the same. */
  readonly facts: readonly Fact[]
  readonly startUnixNs: bigint
  readonly endUnixNs: bigint
  /** Without pauses. */
  readonly durationMs: number
  /** Why it says nothing of the flow's normal duration; absent when it does. */
  readonly unjudged: 'failed' | 'incomplete' | 'invalid_duration' | undefined
}

/** What is kept of an execution when its spans are gone. */
export interface Observation extends ExecutionHead {
  /**
   * Time on the critical path; sums to the duration. A place of an execution whose layout is known is the same object each time,
   * by which it may be recognised before its members are compared.
   */
  readonly parts: readonly PlaceMs[]
  /** What the execution would have saved had this place taken no time, by re-simulation; absent where nobody asks. */
  readonly savings: readonly PlaceMs[] | undefined
  /** Of some executions only: it costs more than all the rest. */
  readonly sample: PathSample | undefined
  readonly steps: readonly StepFigure[]
  /** Who ran while steps of parallel groups waited for their turn; see `queueHolders`. */
  readonly queued: readonly QueuedMs[]
  /** Steps that queued and of which it is not told behind whom. */
  readonly untoldQueueCount: number
}

/** How far an execution's duration depends on its places and steps. */
export interface PathSample {
  /** Of the largest places. */
  readonly curves: readonly CurveMs[]
  readonly slacks: readonly StepSlackMs[]
}

/** How much later a run of a step could have ended without delaying the execution; 0 on the critical path. */
export interface StepSlackMs {
  readonly stepId: string
  readonly ms: number
}

/** What a place would save at `CURVE_RATIOS` of its time and at none, in this order. */
interface CurveMs {
  readonly place: PathPlace
  readonly savedMs: readonly number[]
}

type QueuedMs = Omit<QueueHolder, 'ns'> & { readonly ms: number }

/** Time of one execution at a place. */
export interface PlaceMs {
  readonly place: PathPlace
  readonly ms: number
}

/** One run of a step, in figures. */
export interface StepFigure {
  readonly stepId: string
  readonly type: string | undefined
  readonly action: string | undefined
  readonly isFailed: boolean
  /** After the execution's start. */
  readonly startMs: number
  readonly durationMs: number
  readonly phasesMs: PhaseLengths
  readonly missingPhases: readonly Phase[]
  /** CPU time that was this step's alone; absent when it was shared or not measured. */
  readonly exclusiveCpuMs: number | undefined
  /** CPU time of the process while other steps were open as well: this one's is at most that. */
  readonly sharedCpuMs: number | undefined
  /** Time on the critical path in the user's own client spans (HTTP, database, …). */
  readonly clientMs: number
  /** That was this step's alone; absent as well when a collection ran in it. */
  readonly heapGrowthBytes: number | undefined
  readonly cacheHits: number | undefined
  readonly cacheMisses: number | undefined
}

/** An execution of which only this is known: nothing of where its time went. */
export function durationObservation(
  known: Pick<Observation, 'executionId' | 'startUnixNs' | 'endUnixNs' | 'durationMs'>,
): Observation {
  return {
    ...known,
    traceId: known.executionId,
    flowVersion: undefined,
    weight: 1,
    facts: [],
    unjudged: undefined,
    parts: [],
    savings: undefined,
    sample: undefined,
    steps: [],
    queued: [],
    untoldQueueCount: 0,
  }
}

/** Runs of steps of one execution of which figures are kept one by one, as many as a flow has steps of its own. */
const MAX_KEPT_RUN_COUNT = 500

/** With the first of its runs only, where there are many. */
export function firstRuns(observation: Observation): Observation {
  const { steps } = observation
  if (steps.length <= MAX_KEPT_RUN_COUNT) return observation
  return { ...observation, steps: steps.slice(0, MAX_KEPT_RUN_COUNT) }
}

/** What is kept of a run to tell the nature of its work. */
export type StepEvidence = Pick<
  StepFigure,
  | 'stepId'
  | 'exclusiveCpuMs'
  | 'sharedCpuMs'
  | 'clientMs'
  | 'heapGrowthBytes'
  | 'cacheHits'
  | 'cacheMisses'
  | 'isFailed'
> & { readonly workMs: number; readonly queueMs: number }
