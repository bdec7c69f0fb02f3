import type { FlowDefinition } from '@anarq/qflow'
import type { Phase } from '@qflow-otel/analyzer'

/** A phase of a step, or of all; the time between steps; spans of one name: what `durationWithout` can remove. */
export type Place =
  | { readonly stepId: string | undefined; readonly phase: Phase }
  | { readonly spanName: string; readonly stepId?: string }

/** The part of a place's time that was injected and can be taken away, 0..1. */
export type Delay = Place & { readonly ratio: number }

/** A call to another service: the user's own span while it lasts. */
export interface Call {
  readonly peer: string
  readonly ms: number
}

/** What a step takes, mean ms; each payment is drawn anew around it. */
export interface StepCosts {
  readonly workMs: number
  /** Work that does not yield: nothing else in the process goes on. */
  readonly cpuMs: number
  /** One after the other, or all at once. */
  readonly calls: readonly Call[]
  readonly callsAtOnce: boolean
  /** Attempts that fail before one succeeds. */
  readonly failureCount: number
  readonly validationMs: number
  readonly ledgerMs: number
  /** A listener of the engine's bus that does not yield. */
  readonly listenerMs: number
}

/** `acquireMs` is what a pool takes to check a free resource before it is handed out. */
interface Pool {
  readonly size: number
  readonly acquireMs: number
}

/** Executions in lanes: each starts when the one before it in its lane has ended. */
interface Load {
  readonly executionCount: number
  readonly laneCount: number
}

/** Flows, what they cost, and the place in which a delay was injected: plain data. */
export interface Workload {
  readonly seed: number
  readonly shape: string
  /** The first is started; the others are its sub-flows. */
  readonly flows: readonly FlowDefinition[]
  /** By step id, which is unique over all flows. */
  readonly costs: Readonly<Record<string, StepCosts>>
  readonly pools: Readonly<Record<string, Pool>>
  readonly admissionMs: number
  /** Validation verdicts are forgotten before each n-th execution; 0 keeps none at all. */
  readonly forgetEvery: number
  readonly load: Load
  readonly delay: Delay
}
