import type { FlowDefinition } from '../otlp/span-record.ts'
import type { Dependencies } from '../path/dependencies.ts'
import type { PlaceTotal } from '../path/path-total.ts'
import { type Removal, resimulation } from '../path/resimulate.ts'
import { serialSteps } from '../path/serial-steps.ts'
import { slackOf } from '../path/slack.ts'
import { type SpanForest, stepIdAt } from '../path/span-forest.ts'
import { hashText } from '../stats/hash-uniform.ts'
import { msFromNs } from '../time/unix-ns.ts'
import type { Execution, Phase } from '../trace/execution.ts'
import type { PathSample, PlaceMs, StepSlackMs } from './observation.ts'
import {
  isSamePhase,
  OVERALL_PHASES,
  type PathPlace,
  SPAN_COVERS_RATIO,
  serialPlace,
} from './place.ts'

/** What is re-simulated of one execution: bounds the work at closing. */
export const MAX_CANDIDATE_COUNT = 6
/** Well below what keeps a bottleneck open: less of the path is not one and is not re-simulated. */
export const MIN_CANDIDATE_SHARE = 0.08
/** What is left of a place's time between all of it and none: where a curve bends shows in a quarter of it. */
export const CURVE_RATIOS: readonly number[] = [0.75, 0.5, 0.25]
/** One of so many is a sample, with slacks and curves of its largest places: they cost three simulations each. */
const SAMPLE_EVERY_COUNT = 4
const MAX_CURVE_COUNT = 3

/** What re-simulation tells of one execution. */
export interface Savings {
  readonly places: readonly PlaceMs[]
  readonly sample: PathSample | undefined
}

/** What the execution would save at its largest places, by re-simulation. O(candidates x spans). */
export function savingsOf(
  { executionId }: Execution,
  from: {
    readonly forest: SpanForest
    readonly dependencies: Dependencies | undefined
    readonly totals: readonly PlaceTotal[]
    readonly flow: FlowDefinition | undefined
  },
): Savings {
  const { forest, dependencies, totals, flow } = from
  const { durationNs } = forest
  const durationWith = resimulation(forest, dependencies)
  return savingsBy({
    executionId,
    candidates: candidatesOf(totals, durationNs),
    asked: {
      savedNs: (place, ratio) => durationNs - durationWith(removalOf(place), ratio),
      serial: () => serial(forest, flow),
      slacks: () => slacks(forest, dependencies),
    },
  })
}

/** How to find out what an execution would save. */
export interface Resimulated {
  /** By how much it would be shorter did a place take this ratio of its time. */
  savedNs(place: PathPlace, ratio: number): number
  serial(): readonly PlaceMs[]
  slacks(): readonly StepSlackMs[]
}

/** `candidates`: the places to ask about, the largest first. */
export function savingsBy({
  executionId,
  candidates,
  asked,
}: {
  readonly executionId: string
  readonly candidates: readonly { readonly place: PathPlace }[]
  readonly asked: Resimulated
}): Savings {
  const places: PlaceMs[] = []
  for (const { place } of candidates) places.push({ place, ms: msFromNs(asked.savedNs(place, 0)) })
  const groups = asked.serial()
  const all = groups.length === 0 ? places : [...places, ...groups]
  if (!isSampled(executionId)) return { places: all, sample: undefined }
  const curves = mainPlaces(places).map(({ place, ms }) => ({
    place,
    savedMs: [...CURVE_RATIOS.map((ratio) => msFromNs(asked.savedNs(place, ratio))), ms],
  }))
  return { places: all, sample: { curves, slacks: asked.slacks() } }
}

/** The execution's id decides, by other bits of it than whether it is simulated at all. */
function isSampled(executionId: string): boolean {
  return (hashText(executionId) >>> 16) % SAMPLE_EVERY_COUNT === 0
}

/** Of the largest phases each once, as what it mostly waits for: the places that a flow's curves are asked about. */
function mainPlaces(places: readonly PlaceMs[]): PlaceMs[] {
  return places
    .filter(({ place }) => place.phase === undefined || place.spanName === undefined)
    .slice(0, MAX_CURVE_COUNT)
    .map((phase) => {
      const span = places.find(
        ({ place, ms }) =>
          place.spanName !== undefined &&
          isSamePhase(place, phase.place) &&
          ms >= SPAN_COVERS_RATIO * phase.ms,
      )
      return span ?? phase
    })
}

/** One of each run of a step that somebody waited for. */
function slacks(forest: SpanForest, dependencies: Dependencies | undefined): StepSlackMs[] {
  return slackOf(forest, dependencies).flatMap(({ slackNs }, row) => {
    const stepId = stepIdAt(forest, row)
    if (forest.spans[row]?.role !== 'step' || slackNs === undefined || stepId === undefined) {
      return []
    }
    return [{ stepId, ms: msFromNs(slackNs) }]
  })
}

/** The places with most of the path, the largest first; of equals the one that was met first. */
export function candidatesOf(
  totals: readonly PlaceTotal[],
  durationNs: number,
): readonly Candidate[] {
  const candidates: Candidate[] = []
  const phases = new WholePhases()
  for (const { place, ns } of totals) {
    const { phase, spanName } = place
    if (phase === 'paused') continue
    const known = phase === undefined ? undefined : phases.find(place)
    if (known !== undefined) {
      known.ns += ns
      // The same object as in the execution before, by which the history recognises it.
      if (spanName === undefined) known.place = place
    } else if (phase !== undefined) candidates.push(phases.add(place, ns))
    // Of each there is one total only.
    if (spanName !== undefined) candidates.push({ place, ns })
  }
  addOverall(candidates)
  return largest(candidates, MIN_CANDIDATE_SHARE * durationNs)
}

/** Up to here looking through all phases is faster than a map. */
const MAX_SCANNED_COUNT = 32

/** Phases of steps, whatever spans they name in them. */
class WholePhases {
  readonly #all: Candidate[] = []
  #byStep: Map<string | undefined, Candidate[]> | undefined

  find({ stepId, phase }: PathPlace): Candidate | undefined {
    const own = this.#byStep === undefined ? this.#all : (this.#byStep.get(stepId) ?? [])
    for (const one of own) {
      if (one.place.phase === phase && one.place.stepId === stepId) return one
    }
    return undefined
  }

  add(place: PathPlace, ns: number): Candidate {
    const { stepId, phase, spanName } = place
    const isWhole = spanName === undefined
    const whole = { place: isWhole ? place : { stepId, phase, spanName: undefined }, ns }
    this.#all.push(whole)
    if (this.#byStep !== undefined) addToStep(this.#byStep, whole)
    else if (this.#all.length > MAX_SCANNED_COUNT) {
      this.#byStep = new Map()
      for (const one of this.#all) addToStep(this.#byStep, one)
    }
    return whole
  }
}

function addToStep(byStep: Map<string | undefined, Candidate[]>, one: Candidate): void {
  const own = byStep.get(one.place.stepId)
  if (own === undefined) byStep.set(one.place.stepId, [one])
  else own.push(one)
}

/** One phase of all steps together, where several have it. */
function addOverall(candidates: Candidate[]): void {
  const count = candidates.length
  for (const place of OVERALL_PLACES) {
    let partCount = 0
    let ns = 0
    for (let at = 0; at < count; at++) {
      // An index below the length.
      const part = candidates[at] as Candidate
      if (part.place.phase !== place.phase) continue
      partCount += 1
      ns += part.ns
    }
    if (partCount > 1) candidates.push({ place, ns })
  }
}

/** The same objects for all executions. */
export const OVERALL_PLACES: readonly PathPlace[] = OVERALL_PHASES.map((phase) => ({
  stepId: undefined,
  phase,
  spanName: undefined,
}))

/** As many as are re-simulated; of equals the one that stands first. */
function largest(candidates: readonly Candidate[], minNs: number): readonly Candidate[] {
  const found: Candidate[] = []
  for (const one of candidates) {
    if (!(one.ns >= minNs)) continue
    let at = found.length
    while (at > 0 && (found[at - 1] as Candidate).ns < one.ns) at--
    if (at >= MAX_CANDIDATE_COUNT) continue
    found.splice(at, 0, one)
    if (found.length > MAX_CANDIDATE_COUNT) found.pop()
  }
  return found
}

interface Candidate {
  place: PathPlace
  ns: number
}

/** A named span is removed by its name, anything else is a phase. */
export function removalOf({ stepId, phase, spanName }: PathPlace): Removal {
  if (spanName !== undefined) return { spanName, stepId }
  // `candidatesOf` makes no candidate of a pause or of time without a phase.
  return { stepId, phase: phase as Phase }
}

/** Not a place of which something is taken away: the steps of a group that might have run at once. */
function serial(forest: SpanForest, flow: FlowDefinition | undefined): PlaceMs[] {
  return serialSteps(forest, flow)
    .filter(({ savedNs }) => savedNs >= MIN_CANDIDATE_SHARE * forest.durationNs)
    .map(({ containerId, savedNs }) => ({
      place: serialPlace(containerId),
      ms: msFromNs(savedNs),
    }))
}
