import type { PathSegment, Plain, StepRun } from '@qflow-otel/analyzer'
import { type TimeKind, timeKinds } from './phase.ts'
import type { ExecutionAnswer, SpanAnswer } from './wire.ts'

type Segment = ExecutionAnswer['path'][number]

/** A stretch of the time axis, both 0..1 of the execution. */
export interface Extent {
  readonly startRatio: number
  readonly widthRatio: number
}

/** A span with what is drawn of it. */
export interface WaterfallRow {
  /** Unique in its execution, and the same when the answer is asked again. */
  readonly key: string
  readonly span: SpanAnswer
  readonly step: Plain<StepRun> | undefined
  readonly extent: Extent
  /** Where the execution was waiting for this very span. */
  readonly onPath: readonly Extent[]
  /** Time on the critical path in this span itself, its children not counted. */
  readonly pathNs: number
}

/** The rows in the order of the answer: parents before children. O(spans + segments). */
export function waterfallRows(report: ExecutionAnswer): WaterfallRow[] {
  const totalNs = totalNsOf(report)
  const stepOf = new Map(report.execution.steps.map((step) => [stepKey(step), step]))
  const pathOf = segmentsByRow(report.path)
  return report.execution.spans.map((span, index) => {
    const segments = pathOf.get(index) ?? []
    return {
      key: rowKey(span.traceId, span.spanId),
      span,
      step: span.role === 'step' ? stepOf.get(stepKey(span)) : undefined,
      extent: extentOf(span, totalNs),
      onPath: segments.map((segment) => extentOf(segment, totalNs)),
      pathNs: segments.reduce((sum, segment) => sum + segment.endNs - segment.startNs, 0),
    }
  })
}

/** Span ids alone may repeat over several traces. */
function rowKey(traceId: string, spanId: string): string {
  return `${traceId}/${spanId}`
}

function stepKey({ spanId, startNs }: { spanId: string; startNs: number }): string {
  return `${spanId}/${startNs}`
}

/** Those on the critical path, and the parents that lead to them. */
export function rowsOnPath(rows: readonly WaterfallRow[]): WaterfallRow[] {
  const kept = new Set<string>()
  // Children come after their parents, so one walk from the end sees every child before its parent.
  for (const { key, span, onPath } of rows.toReversed()) {
    if (onPath.length > 0) kept.add(key)
    if (kept.has(key) && span.parentSpanId !== undefined) {
      kept.add(rowKey(span.traceId, span.parentSpanId))
    }
  }
  return rows.filter(({ key }) => kept.has(key))
}

function segmentsByRow(path: readonly Plain<PathSegment>[]): Map<number, Plain<PathSegment>[]> {
  const byRow = new Map<number, Plain<PathSegment>[]>()
  for (const segment of path) {
    if (segment.spanIndex === undefined) continue
    const segments = byRow.get(segment.spanIndex)
    if (segments === undefined) byRow.set(segment.spanIndex, [segment])
    else segments.push(segment)
  }
  return byRow
}

/** The end of the time axis: a span that outlives its execution is still drawn in full. */
export function totalNsOf({ execution }: ExecutionAnswer): number {
  return execution.spans.reduce((end, span) => Math.max(end, span.endNs), execution.durationNs)
}

/** Clipped to the axis: a span whose clock runs ahead may start before its execution. */
export function extentOf(
  { startNs, endNs }: { startNs: number; endNs: number },
  totalNs: number,
): Extent {
  if (totalNs <= 0) return { startRatio: 0, widthRatio: 1 }
  const startRatio = clamp(startNs / totalNs)
  return { startRatio, widthRatio: Math.max(0, clamp(endNs / totalNs) - startRatio) }
}

function clamp(ratio: number): number {
  return Math.min(1, Math.max(0, ratio))
}

/** Where the execution was paused between two of its segments. */
export function pausesIn(report: ExecutionAnswer): Extent[] {
  const totalNs = totalNsOf(report)
  return report.path
    .filter(({ phase }) => phase === 'paused')
    .map((segment) => extentOf(segment, totalNs))
}

/** Neighbouring segments of the path drawn as one. */
export interface PathTile extends Extent {
  /** What its time consists of, in the order of bars; several are drawn above each other, since none is known to come first. */
  readonly parts: readonly TilePart[]
  /** Of the longest segment. */
  readonly stepId: string | undefined
  readonly spanId: string | undefined
  readonly startNs: number
  readonly endNs: number
  readonly segmentCount: number
}

/** A kind of time in a tile; the ratios of a tile sum to 1. */
interface TilePart {
  readonly kind: TimeKind
  readonly ratio: number
}

/**
 * The path as tiles of at least `smallestRatio` of the axis, the last one excepted: what is too thin to see is drawn
 * with its neighbours, so that the number of elements is bounded whatever the execution looks like.
 */
export function pathTiles(
  { path }: Pick<ExecutionAnswer, 'path'>,
  { totalNs, smallestRatio }: { totalNs: number; smallestRatio: number },
): PathTile[] {
  const tiles: PathTile[] = []
  let open: Segment[] = []
  for (const segment of path) {
    open.push(segment)
    const first = open[0] ?? segment
    if (segment.endNs - first.startNs < totalNs * smallestRatio) continue
    tiles.push(tileOf(open, totalNs))
    open = []
  }
  if (open.length > 0) tiles.push(tileOf(open, totalNs))
  return tiles
}

function tileOf(segments: readonly Segment[], totalNs: number): PathTile {
  const longest = segments.reduce((a, b) => (b.endNs - b.startNs > a.endNs - a.startNs ? b : a))
  const startNs = segments[0]?.startNs ?? longest.startNs
  const endNs = segments.at(-1)?.endNs ?? longest.endNs
  return {
    ...extentOf({ startNs, endNs }, totalNs),
    parts: partsOf(segments),
    stepId: longest.stepId,
    spanId: longest.spanId,
    startNs,
    endNs,
    segmentCount: segments.length,
  }
}

/** The times of segments by kind; a step's own time consists of its phases in proportion to their lengths. */
function partsOf(segments: readonly Segment[]): readonly TilePart[] {
  const sums = new Map<TimeKind, number>()
  let sumNs = 0
  for (const segment of segments) {
    const ns = segment.endNs - segment.startNs
    sumNs += ns
    for (const { kind, ratio } of kindsOf(segment))
      sums.set(kind, (sums.get(kind) ?? 0) + ratio * ns)
  }
  return timeKinds.flatMap((kind) => {
    const ns = sums.get(kind) ?? 0
    return ns > 0 ? [{ kind, ratio: ns / sumNs }] : []
  })
}

function kindsOf({ phase, ownPhases }: Segment): readonly TilePart[] {
  if (phase === undefined && ownPhases !== undefined)
    return ownPhases.map(({ phase: kind, ratio }) => ({ kind, ratio }))
  return [{ kind: phase ?? 'other', ratio: 1 }]
}

/** Round times for the axis, 0 first: 1, 2 or 5 times a power of ten, none so near the end that its text is cut. */
export function axisTicksNs(totalNs: number, maxCount: number): number[] {
  if (totalNs <= 0) return [0]
  const roughNs = totalNs / maxCount
  const power = 10 ** Math.floor(Math.log10(roughNs))
  const stepNs =
    [1, 2, 5, 10].map((factor) => factor * power).find((ns) => ns >= roughNs) ?? roughNs
  // The last tick's text needs about this much room after it.
  const lastNs = totalNs * 0.93
  return Array.from({ length: Math.floor(lastNs / stepNs) + 1 }, (_, index) => index * stepNs)
}

/** The rows to draw for a scroll position, [first, end): only what can be seen and a few more. */
export function visibleRows(view: {
  scrollTopPx: number
  heightPx: number
  rowHeightPx: number
  rowCount: number
}): { first: number; end: number } {
  // A wheel's click scrolls some three rows; what comes into view is there already.
  const spare = 8
  const first = Math.floor(view.scrollTopPx / view.rowHeightPx) - spare
  const end = Math.ceil((view.scrollTopPx + view.heightPx) / view.rowHeightPx) + spare
  return {
    first: Math.min(Math.max(0, first), view.rowCount),
    end: Math.min(Math.max(0, end), view.rowCount),
  }
}

/** Where a key moves the active row; undefined for keys that move nothing. */
export function movedIndex(
  key: string,
  { index, count, pageCount }: { index: number; count: number; pageCount: number },
): number | undefined {
  const targets: Readonly<Record<string, number>> = {
    ArrowDown: index + 1,
    ArrowUp: index - 1,
    PageDown: index + pageCount,
    PageUp: index - pageCount,
    Home: 0,
    End: count - 1,
  }
  const target = Object.hasOwn(targets, key) ? targets[key] : undefined
  if (target === undefined || count === 0) return undefined
  return Math.min(count - 1, Math.max(0, target))
}
