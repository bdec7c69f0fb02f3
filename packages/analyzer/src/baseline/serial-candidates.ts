import type { PathPlace } from './place.ts'
import { MAX_CANDIDATE_COUNT, MIN_CANDIDATE_SHARE, OVERALL_PLACES } from './savings.ts'

/** A place, or one phase of several steps together, that may be re-simulated. */
interface Candidate {
  readonly place: PathPlace
  /** Of the places whose time it is. */
  readonly parts: readonly number[]
  /** So many of them must have taken time. */
  readonly minPartCount: number
  readonly index: number
  /** Of the execution at hand: its time, and its largest part with its time. */
  ns: number
  leadNs: number
  lead: number
}

/**
 * What `candidatesOf` finds in executions of one layout that do one thing at a time: of what each candidate consists is the same in
 * all of them, so that only sums are left to do.
 */
export class SerialCandidates {
  readonly #all: readonly Candidate[]

  /** `places` are those of `serialPlaces`, in their order. */
  constructor(places: readonly PathPlace[]) {
    const found = [...ownCandidates(places), ...overallCandidates(places)]
    const emptyOf = { ns: 0, leadNs: 0, lead: 0 }
    this.#all = found.map((one, index) => ({ ...one, index, ...emptyOf }))
  }

  /** The largest first; of equals the one that would be met first among the places, those over all steps last. */
  largest(placeNs: Float64Array, durationNs: number): readonly Pick<Candidate, 'place'>[] {
    const minNs = MIN_CANDIDATE_SHARE * durationNs
    const found: Candidate[] = []
    for (const one of this.#all) {
      if (!sum(one, placeNs, minNs)) continue
      let at = found.length
      // Indices below the length; each smaller one gives way by one place.
      for (; at > 0 && compare(one, found[at - 1] as Candidate) < 0; at--)
        found[at] = found[at - 1] as Candidate
      found[at] = one
      if (found.length > MAX_CANDIDATE_COUNT) found.pop()
    }
    return found
  }
}

type Kind = Pick<Candidate, 'place' | 'minPartCount'> & { readonly parts: number[] }

/** Each phase of a step, with the spans that are named in it, and each of these. */
function ownCandidates(places: readonly PathPlace[]): readonly Kind[] {
  const found: Kind[] = []
  const wholes = new Map<string, Kind>()
  for (const [at, place] of places.entries()) {
    const { stepId, phase, spanName } = place
    if (phase === undefined && spanName === undefined) continue
    const one = { place, parts: [at], minPartCount: 1 }
    found.push(one)
    if (phase === undefined) continue
    const key = JSON.stringify([stepId, phase])
    if (spanName === undefined) wholes.set(key, one)
    else wholes.get(key)?.parts.push(at)
  }
  return found
}

/** Each phase of all steps together, where several have it. */
function overallCandidates(places: readonly PathPlace[]): readonly Kind[] {
  return OVERALL_PLACES.map((whole) => ({
    place: whole,
    parts: places.flatMap(({ stepId, phase }, at) =>
      stepId !== undefined && phase === whole.phase ? [at] : [],
    ),
    minPartCount: 2,
  }))
}

/** False where it is none in this execution, or too small. */
function sum(candidate: Candidate, placeNs: Float64Array, minNs: number): boolean {
  const { parts, minPartCount } = candidate
  let count = 0
  let sumNs = 0
  let leadNs = 0
  let lead = 0
  for (let part = 0; part < parts.length; part++) {
    // Indices below the lengths.
    const at = parts[part] as number
    const ns = placeNs[at] as number
    if (ns > 0) count += 1
    sumNs += ns
    if (ns > leadNs) {
      leadNs = ns
      lead = at
    }
  }
  if (sumNs < minNs || count < minPartCount) return false
  candidate.ns = sumNs
  // Those over all steps stand behind all others.
  candidate.leadNs = minPartCount > 1 ? 0 : leadNs
  candidate.lead = lead
  return true
}

function compare(a: Candidate, b: Candidate): number {
  return b.ns - a.ns || b.leadNs - a.leadNs || a.lead - b.lead || a.index - b.index
}
