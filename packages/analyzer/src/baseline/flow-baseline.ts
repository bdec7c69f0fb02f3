import {
  type Column,
  emptySketch,
  insert,
  insertColumn,
  mergeInto,
  type Sketch,
} from '../stats/sketch.ts'
import type { Phase } from '../trace/execution.ts'
import { PHASES } from '../trace/step-phases.ts'
import { type Counters, countOne } from './counters.ts'
import type { Observation, StepFigure } from './observation.ts'

/** What is known of one version of a flow. */
export interface VersionBaseline {
  readonly version: string | undefined
  /** By hour of the end, the oldest first and at least one. The first also holds what is older. */
  readonly buckets: Baseline[]
}

/** The executions of one hour, or of several that were merged. */
export interface Baseline {
  /** On the hour. */
  readonly startUnixNs: bigint
  executionCount: number
  failedCount: number
  readonly durationMs: Sketch
  readonly steps: StepBaseline[]
}

export interface StepBaseline {
  readonly stepId: string
  type: string | undefined
  action: string | undefined
  runCount: number
  failedCount: number
  readonly durationMs: Sketch
  readonly phases: PhaseBaseline[]
  readonly missingPhases: Phase[]
}

export interface PhaseBaseline {
  readonly phase: Phase
  /** Runs in which the phase could not be measured. */
  missingCount: number
  sumMs: number
  /** Of the runs in which it took time. */
  readonly ms: Sketch
}

/** Versions one flow keeps apart; the least recent goes first. */
const MAX_VERSION_COUNT = 8
/** Steps one version keeps apart. */
const MAX_STEP_COUNT = 500
/** Hours one version keeps apart: a working day besides what came before. */
const MAX_BUCKET_COUNT = 8
export const HOUR_NS = 3_600_000_000_000n

/** Adds one execution. The last version is the most recent. Refusals are `version_limit`, `step_limit`. */
export function remember(
  versions: VersionBaseline[],
  observation: Observation,
  counters: Counters,
): void {
  const version = versionOf(versions, observation, counters)
  const baseline = bucketOf(version.buckets, hourOf(observation.endUnixNs))
  baseline.executionCount += 1
  if (observation.unjudged === 'failed') baseline.failedCount += 1
  if (observation.unjudged === undefined) insert(baseline.durationMs, observation.durationMs)
  const { steps } = observation
  for (let index = 0; index < steps.length; index++) {
    // An index below the length.
    rememberStep(baseline.steps, steps[index] as StepFigure, { index, counters })
  }
}

/** All versions and hours together. */
export function mergeVersions(versions: readonly VersionBaseline[]): Baseline {
  const merged = emptyBaseline(0n)
  for (const { buckets } of versions) for (const bucket of buckets) mergeBaseline(merged, bucket)
  return merged
}

/** Durations of all versions by hour, the oldest first. */
export function mergeHours(
  versions: readonly VersionBaseline[],
): readonly Omit<Baseline, 'steps'>[] {
  const hours = new Map<bigint, Baseline>()
  for (const { buckets } of versions) {
    for (const bucket of buckets) {
      const { startUnixNs } = bucket
      const hour = hours.get(startUnixNs) ?? emptyBaseline(startUnixNs)
      hours.set(startUnixNs, hour)
      mergeTotals(hour, bucket)
    }
  }
  return [...hours.values()].sort((a, b) => (a.startUnixNs < b.startUnixNs ? -1 : 1))
}

/** Exactly what remembering the executions of both in one would have given. */
function mergeBaseline(merged: Baseline, other: Baseline): void {
  mergeTotals(merged, other)
  for (const step of other.steps) mergeStep(merged.steps, step)
}

function mergeTotals(merged: Baseline, other: Baseline): void {
  merged.executionCount += other.executionCount
  merged.failedCount += other.failedCount
  mergeInto(merged.durationMs, other.durationMs)
}

function versionOf(
  versions: VersionBaseline[],
  { flowVersion, endUnixNs }: Observation,
  counters: Counters,
): VersionBaseline {
  for (const known of versions) if (known.version === flowVersion) return known
  const fresh = { version: flowVersion, buckets: [emptyBaseline(hourOf(endUnixNs))] }
  versions.push(fresh)
  if (versions.length > MAX_VERSION_COUNT) {
    versions.shift()
    countOne(counters, 'version_limit')
  }
  return fresh
}

function hourOf(unixNs: bigint): bigint {
  return unixNs - (unixNs % HOUR_NS)
}

/** The bucket of an hour; what is older than all of them came late and belongs to the oldest. */
function bucketOf(buckets: Baseline[], startUnixNs: bigint): Baseline {
  for (let index = buckets.length - 1; index >= 0; index -= 1) {
    // An index below the length.
    const bucket = buckets[index] as Baseline
    if (bucket.startUnixNs === startUnixNs) return bucket
    if (bucket.startUnixNs < startUnixNs) return insertBucket(buckets, index + 1, startUnixNs)
  }
  return buckets[0] ?? insertBucket(buckets, 0, startUnixNs)
}

/** The two oldest become one where a new hour finds no room. */
function insertBucket(buckets: Baseline[], at: number, startUnixNs: bigint): Baseline {
  const fresh = emptyBaseline(startUnixNs)
  buckets.splice(at, 0, fresh)
  const [oldest, next] = buckets
  if (buckets.length <= MAX_BUCKET_COUNT || oldest === undefined || next === undefined) return fresh
  buckets.splice(1, 1)
  mergeBaseline(oldest, next)
  return fresh === next ? oldest : fresh
}

function emptyBaseline(startUnixNs: bigint): Baseline {
  return {
    startUnixNs,
    executionCount: 0,
    failedCount: 0,
    durationMs: emptySketch(),
    steps: [],
  }
}

function rememberStep(
  steps: StepBaseline[],
  figure: StepFigure,
  { index, counters }: { index: number; counters: Counters },
): void {
  // Executions mostly run the same steps in the same order.
  const usual = steps[index]
  const step = usual?.stepId === figure.stepId ? usual : stepOf(steps, figure.stepId)
  if (step === undefined) {
    countOne(counters, 'step_limit')
    return
  }
  step.type = figure.type ?? step.type
  step.action = figure.action ?? step.action
  step.runCount += 1
  if (figure.isFailed) step.failedCount += 1
  insert(step.durationMs, figure.durationMs)
  for (const phase of figure.missingPhases) {
    phaseOf(step, phase).missingCount += 1
    if (!step.missingPhases.includes(phase)) step.missingPhases.push(phase)
  }
  for (const phase of PHASES) {
    const ms = figure.phasesMs[phase]
    if (ms === undefined) continue
    const known = phaseOf(step, phase)
    if (insert(known.ms, ms)) known.sumMs += ms
  }
}

/** Adds the runs of a column; in those of which the phase was not measured there is no number. */
export function addPhases(baseline: PhaseBaseline, column: Column): void {
  const { figures, from, end, rowLength } = column
  insertColumn(baseline.ms, column)
  let { sumMs } = baseline
  for (let at = from; at < end; at += rowLength) {
    // A position below the length.
    const ms = figures[at] as number
    if (ms >= 0 && ms < Number.POSITIVE_INFINITY) sumMs += ms
  }
  baseline.sumMs = sumMs
}

function mergeStep(steps: StepBaseline[], other: StepBaseline): void {
  const step = stepOf(steps, other.stepId, Number.POSITIVE_INFINITY)
  if (step === undefined) return
  step.type = other.type ?? step.type
  step.action = other.action ?? step.action
  step.runCount += other.runCount
  step.failedCount += other.failedCount
  mergeInto(step.durationMs, other.durationMs)
  for (const phase of other.missingPhases) {
    if (!step.missingPhases.includes(phase)) step.missingPhases.push(phase)
  }
  for (const phase of other.phases) {
    const merged = phaseOf(step, phase.phase)
    merged.missingCount += phase.missingCount
    merged.sumMs += phase.sumMs
    mergeInto(merged.ms, phase.ms)
  }
}

function stepOf(
  steps: StepBaseline[],
  stepId: string,
  limit = MAX_STEP_COUNT,
): StepBaseline | undefined {
  const known = steps.find((step) => step.stepId === stepId)
  if (known !== undefined || steps.length >= limit) return known
  const fresh: StepBaseline = {
    stepId,
    type: undefined,
    action: undefined,
    runCount: 0,
    failedCount: 0,
    durationMs: emptySketch(),
    phases: [],
    missingPhases: [],
  }
  steps.push(fresh)
  return fresh
}

function phaseOf(step: StepBaseline, phase: Phase): PhaseBaseline {
  for (const known of step.phases) if (known.phase === phase) return known
  const fresh = { phase, missingCount: 0, sumMs: 0, ms: emptySketch() }
  step.phases.push(fresh)
  return fresh
}
