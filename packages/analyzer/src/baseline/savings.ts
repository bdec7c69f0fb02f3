import type { FlowDefinition } from '../otlp/span-record.ts'
import type { Dependencies } from '../path/dependencies.ts'
import type { PathTotal } from '../path/path-total.ts'
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
const MAX_CANDIDATE_COUNT = 6
/** Well below what keeps a bottleneck open: less of the path is not one and is not re-simulated. */
const MIN_CANDIDATE_SHARE = 0.08
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
  execution: Execution,
  from: {
    readonly forest: SpanForest
    readonly dependencies: Dependencies | undefined
    readonly totals: readonly PathTotal[]
    readonly flow: FlowDefinition | undefined
  },
): Savings {
  const { forest, dependencies, totals, flow } = from
  const { durationNs } = forest
  const durationWith = resimulation(forest, dependencies)
  const savedMs = (place: PathPlace, ratio: number) =>
    msFromNs(durationNs - durationWith(removalOf(place), ratio))
  const places = candidatesOf(totals, durationNs).map(({ place }) => ({
    place,
    ms: savedMs(place, 0),
  }))
  const all = [...places, ...serial(forest, flow)]
  if (!isSampled(execution)) return { places: all, sample: undefined }
  const curves = mainPlaces(places).map(({ place, ms }) => ({
    place,
    savedMs: [...CURVE_RATIOS.map((ratio) => savedMs(place, ratio)), ms],
  }))
  return { places: all, sample: { curves, slacks: slacks(forest, dependencies) } }
}

/** The execution's id decides, by other bits of it than whether it is simulated at all. */
function isSampled({ executionId }: Execution): boolean {
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

/** The places with most of the path, the largest first. */
function candidatesOf(totals: readonly PathTotal[], durationNs: number): Candidate[] {
  const byPlace = new Map<string, Candidate>()
  for (const total of totals) {
    if (total.phase === 'paused') continue
    if (total.phase !== undefined) {
      const { stepId, phase } = total
      addTo(byPlace, { stepId, phase, spanName: undefined }, total.ns)
    }
    if (total.spanName !== undefined) addTo(byPlace, total, total.ns)
  }
  const candidates = [...byPlace.values()]
  return [...candidates, ...overall(candidates)]
    .filter(({ ns }) => ns >= MIN_CANDIDATE_SHARE * durationNs)
    .sort((a, b) => b.ns - a.ns)
    .slice(0, MAX_CANDIDATE_COUNT)
}

/** One phase of all steps together, where several have it. */
function overall(candidates: readonly Candidate[]): Candidate[] {
  return OVERALL_PHASES.flatMap((phase) => {
    const parts = candidates.filter(({ place }) => place.phase === phase)
    const ns = parts.reduce((sum, part) => sum + part.ns, 0)
    const place = { stepId: undefined, phase, spanName: undefined }
    return parts.length > 1 ? [{ place, ns }] : []
  })
}

interface Candidate {
  readonly place: PathPlace
  ns: number
}

function addTo(
  byPlace: Map<string, Candidate>,
  { stepId, phase, spanName }: PathPlace,
  ns: number,
): void {
  const key = JSON.stringify([stepId, phase, spanName])
  const known = byPlace.get(key)
  if (known === undefined) byPlace.set(key, { place: { stepId, phase, spanName }, ns })
  else known.ns += ns
}

/** A named span is removed by its name, anything else is a phase. */
function removalOf({ stepId, phase, spanName }: PathPlace): Removal {
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
