import type { Phase } from '../trace/execution.ts'
import { type Interval, pauses } from '../trace/pauses.ts'
import { familyFrom, NONE, ROOT } from './families.ts'
import type { PathParts } from './path-parts.ts'
import { type SpanForest, stepIdAt } from './span-forest.ts'

/**
 * During [startNs, endNs) the execution was waiting for this span. Without a span it is a pause between segments
 * (phase `paused`), or time of a rootless execution that no span covers (no phase).
 */
export interface PathSegment {
  readonly spanId: string | undefined
  /** Its row in `Execution.spans`: span ids alone may repeat over several traces. */
  readonly spanIndex: number | undefined
  /** The step the span belongs to; absent between steps. */
  readonly stepId: string | undefined
  /** The phase, where the span tells it: a user's span or a detail span, or time between attempts. Else see `ownPhases`. */
  readonly phase: Phase | 'paused' | undefined
  readonly startNs: number
  readonly endNs: number
}

export function segmentsOf(forest: SpanForest, parts: PathParts): readonly PathSegment[] {
  const phases = new PathPhases(forest)
  const path: PathSegment[] = []
  for (let part = parts.count - 1; part >= 0; part--) {
    const row = parts.rows[part] ?? ROOT
    const startNs = parts.startsNs[part] ?? 0
    const endNs = parts.endNs(part)
    const span = row === ROOT ? undefined : forest.spans[row]
    path.push({
      spanId: span?.spanId,
      spanIndex: span === undefined ? undefined : row,
      stepId: span === undefined ? undefined : stepIdAt(forest, row),
      phase: phases.of(row, { startNs, endNs }),
      startNs,
      endNs,
    })
  }
  return path
}

/** What the spans of a path alone tell of phases; the rest of a step's time gets its own in `phases.ts`. */
export class PathPhases {
  readonly #forest: SpanForest
  /** Of the pauses between segments. */
  readonly #pauseStarts: ReadonlySet<number> | undefined

  constructor(forest: SpanForest) {
    this.#forest = forest
    const topCount = familyFrom(forest, ROOT + 1)
    if (topCount < 2) return
    this.#pauseStarts = new Set(pauses(forest.spans, forest.durationNs).map((gap) => gap.startNs))
  }

  of(row: number, own: Interval): PathSegment['phase'] {
    const forest = this.#forest
    const span = row === ROOT ? undefined : forest.spans[row]
    if (span === undefined) return this.#pauseStarts?.has(own.startNs) ? 'paused' : undefined
    const isInStep = forest.step[row] !== NONE
    if (span.role === 'detail') return detailPhase(span.name)
    if (span.role === 'execution' && !isInStep) return 'engine'
    if (span.role === 'step')
      return isBetweenAttempts(forest, row, own) ? 'retry_backoff' : undefined
    return span.role !== 'attempt' && isInStep ? 'work' : undefined
  }
}

function detailPhase(name: string): Phase | undefined {
  if (name.startsWith('validate')) return 'validation'
  if (name.startsWith('acquire')) return 'resource_wait'
  if (name.startsWith('ledger')) return 'ledger'
  return name.startsWith('check') ? 'engine' : undefined
}

/** After one attempt ended and before the next started. */
function isBetweenAttempts({ attempts }: SpanForest, row: number, own: Interval): boolean {
  const bounds = attempts?.get(row)
  if (bounds === undefined) return false
  return bounds.firstEndNs <= own.startNs && own.endNs <= bounds.lastStartNs
}
