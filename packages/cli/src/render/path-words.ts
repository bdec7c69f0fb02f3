import type { PathSegment } from '@qflow-otel/analyzer'
import { duration } from '../text/quantity.ts'
import { visible } from '../text/visible.ts'
import type { DrawnExecution, DrawnSpan } from './drawn-execution.ts'
import { shortName } from './drawn-rows.ts'
import { phaseName } from './place-name.ts'

/** As many as a sentence can hold; what is left is one sum. */
const MAX_WAITS = 8
const MAX_WAIT_NAME_LENGTH = 48
/** A shorter wait tells nothing that the sum of them does not, unless it is the longest. */
const MIN_WAIT_RATIO = 0.01

interface Wait {
  readonly name: string
  readonly ns: number
}

/**
 * The critical path as a sentence, in order of time: `It was waiting for validate-order 4.10 ms, then for POST
 * payments.example 33.8 ms, then for charge-card itself 0.4 ms; 1.2 ms in 9 shorter waits.` Nothing without a path.
 */
export function pathSentence({ execution, path }: DrawnExecution): string | undefined {
  const waits = waitsIn(path, execution.spans)
  if (waits.length === 0) return undefined
  const longest = waits.toSorted((a, b) => b.ns - a.ns).slice(0, MAX_WAITS)
  const leastNs = execution.durationNs * MIN_WAIT_RATIO
  const told = new Set(longest.filter(({ ns }, index) => index === 0 || ns >= leastNs))
  const words = waits.filter((wait) => told.has(wait)).map(waitWords)
  const rest = waits.filter((wait) => !told.has(wait))
  const restNs = rest.reduce((sum, { ns }) => sum + ns, 0)
  const more = rest.length === 1 ? '1 shorter wait' : `${rest.length} shorter waits`
  const tail = rest.length === 0 ? '' : `; ${duration(restNs / 1e6)} in ${more}`
  return `It was waiting for ${words.join(', then for ')}${tail}.`
}

function waitWords({ name, ns }: Wait): string {
  return `${visible(name, MAX_WAIT_NAME_LENGTH)} ${duration(ns / 1e6)}`
}

/** Neighbouring segments of one name are one wait. */
function waitsIn(path: readonly PathSegment[], spans: readonly DrawnSpan[]): readonly Wait[] {
  const hasPathBelow = parentsOnPath(path, spans)
  const waits: Wait[] = []
  for (const segment of path) {
    const name = waitName(segment, spans, hasPathBelow)
    const ns = segment.endNs - segment.startNs
    const last = waits.at(-1)
    if (last?.name === name) waits[waits.length - 1] = { name, ns: last.ns + ns }
    else waits.push({ name, ns })
  }
  return waits
}

/** `itself`: the time is the span's own, beside that of its children on the path. */
function waitName(
  segment: PathSegment,
  spans: readonly DrawnSpan[],
  hasPathBelow: ReadonlySet<number>,
): string {
  const name = waitedFor(segment, spans)
  if (name === undefined) return segment.phase === 'paused' ? 'a pause' : 'what no span covers'
  if (segment.phase === 'retry_backoff') return `the ${phaseName(segment.phase)} of ${name}`
  return hasPathBelow.has(segment.spanIndex ?? -1) ? `${name} itself` : name
}

/** `POST in charge-card`: a user's span with its step, because many steps make calls of one name. */
export function waitedFor(
  { spanIndex, stepId }: PathSegment,
  spans: readonly DrawnSpan[],
): string | undefined {
  const span = spans[spanIndex ?? -1]
  if (span === undefined) return undefined
  const name = shortName(span)
  return span.role === 'foreign' && stepId !== undefined ? `${name} in ${stepId}` : name
}

function parentsOnPath(
  path: readonly PathSegment[],
  spans: readonly DrawnSpan[],
): ReadonlySet<number> {
  const parents = new Set<number>()
  for (const { spanIndex } of path) {
    let row = spans[spanIndex ?? -1]?.parentRow ?? -1
    for (; row !== -1 && !parents.has(row); row = spans[row]?.parentRow ?? -1) parents.add(row)
  }
  return parents
}
