import { emptySketch, insert, mergeInto, type Sketch } from '../stats/sketch.ts'
import type { Phase } from '../trace/execution.ts'
import { PHASES } from '../trace/step-run.ts'
import { type Counters, countOne } from './counters.ts'
import type { Observation, StepFigure } from './observation.ts'

/** What is known of one version of a flow. */
export interface VersionBaseline {
  readonly version: string | undefined
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

interface PhaseBaseline {
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

/** Adds one execution. The last version is the most recent. Refusals are `version_limit`, `step_limit`. */
export function remember(
  versions: VersionBaseline[],
  observation: Observation,
  counters: Counters,
): void {
  const baseline = versionOf(versions, observation.flowVersion, counters)
  baseline.executionCount += 1
  if (observation.unjudged === 'failed') baseline.failedCount += 1
  if (observation.unjudged === undefined) insert(baseline.durationMs, observation.durationMs)
  const { steps } = observation
  for (let index = 0; index < steps.length; index++) {
    // An index below the length.
    rememberStep(baseline.steps, steps[index] as StepFigure, { index, counters })
  }
}

/** All versions together. */
export function mergeVersions(versions: readonly VersionBaseline[]): VersionBaseline {
  const merged = emptyVersion(undefined)
  for (const version of versions) {
    merged.executionCount += version.executionCount
    merged.failedCount += version.failedCount
    mergeInto(merged.durationMs, version.durationMs)
    for (const step of version.steps) mergeStep(merged.steps, step)
  }
  return merged
}

function versionOf(
  versions: VersionBaseline[],
  version: string | undefined,
  counters: Counters,
): VersionBaseline {
  const known = versions.find((one) => one.version === version)
  if (known !== undefined) return known
  const fresh = emptyVersion(version)
  versions.push(fresh)
  if (versions.length > MAX_VERSION_COUNT) {
    versions.shift()
    countOne(counters, 'version_limit')
  }
  return fresh
}

function emptyVersion(version: string | undefined): VersionBaseline {
  return { version, executionCount: 0, failedCount: 0, durationMs: emptySketch(), steps: [] }
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
    const baseline = phaseOf(step, phase)
    if (insert(baseline.ms, ms)) baseline.sumMs += ms
  }
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
