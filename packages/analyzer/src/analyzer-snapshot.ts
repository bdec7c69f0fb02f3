import type { AnalyzerSnapshot } from './analyzer.ts'
import type { Mark } from './baseline/marks.ts'
import { SeriesTable, type WatchedSeries } from './detect/series/series-table.ts'
import { type AlertBook, emptyBook } from './explain/alert/alert-book.ts'
import { emptyFlow, type FlowState } from './flow-state.ts'
import { emptyMemoryDesk, type MemoryDesk } from './memory-desk.ts'
import { isObject } from './otlp/json-shape.ts'
import { SnapshotError } from './snapshot-error.ts'
import { type Sketch, type SketchJson, sketchFromJson, sketchToJson } from './stats/sketch.ts'

/**
 * All flows, marks, alerts and the memory of processes as plain JSON data. The flows' findings stand beside them for readers; the flows' own are
 * restored.
 */
export function toSnapshot(
  flows: Iterable<FlowState>,
  {
    marks,
    books,
    memory,
  }: {
    readonly marks: readonly Mark[]
    readonly books: Iterable<AlertBook>
    readonly memory: MemoryDesk
  },
): AnalyzerSnapshot {
  const sorted = [...flows].sort((a, b) => (a.key < b.key ? -1 : 1))
  return {
    version: 3,
    flows: sorted.map(toPlain),
    findings: sorted.flatMap(({ findings }) => findings.map(toPlain)),
    marks: marks.map(toPlain),
    memory: toPlain(memory),
    alerts: [...books].sort((a, b) => (a.tenant < b.tenant ? -1 : 1)).map(toPlain),
  }
}

/**
 * The flows, marks and alerts of a snapshot. Throws `SnapshotError` for one of another version, or with a flow that is none:
 * whoever keeps it must not write over it.
 */
export function fromSnapshot(snapshot: unknown): {
  readonly flows: readonly FlowState[]
  readonly marks: readonly Mark[]
  readonly books: readonly AlertBook[]
  readonly memory: MemoryDesk
} {
  if (!isObject(snapshot)) throw new SnapshotError('', 'an object', snapshot)
  const { version, flows, marks, alerts, memory } = snapshot
  if (version !== 3) throw new SnapshotError('version', 'version 3', version)
  if (!Array.isArray(flows)) throw new SnapshotError('flows', 'an array', flows)
  if (!Array.isArray(marks)) throw new SnapshotError('marks', 'an array', marks)
  if (!Array.isArray(alerts)) throw new SnapshotError('alerts', 'an array', alerts)
  return {
    flows: flows.map((plain: unknown, index) => checkedFlow(fromPlain(plain), `flows[${index}]`)),
    marks: marks.map((plain: unknown, index) => checkedMark(fromPlain(plain), `marks[${index}]`)),
    books: alerts.map((plain: unknown, index) => checkedBook(fromPlain(plain), `alerts[${index}]`)),
    memory: checkedMemory(fromPlain(memory)),
  }
}

/** One flow as JSON text, exactly. */
export function flowToText(flow: FlowState): string {
  return JSON.stringify(toPlain(flow))
}

/** Of a text that `flowToText` made. */
export function flowFromText(text: string): FlowState {
  return checkedFlow(fromPlain(JSON.parse(text)), 'flow')
}

/**
 * bigint as `{"$bigint": "123"}`, sketches in their sparse form as `{"$sketch": …}`, tables of series as lists; absent members stay absent.
 * States are our own shapes of bounded depth, so recursion is too.
 */
function toPlain(value: unknown): unknown {
  if (typeof value === 'bigint') return { $bigint: value.toString() }
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(toPlain)
  if (value instanceof SeriesTable) return value.toPlain().map(toPlain)
  if (isSketch(value)) return { $sketch: sketchToJson(value) }
  const entries = Object.entries(value).filter(([, member]) => member !== undefined)
  return Object.fromEntries(entries.map(([key, member]) => [key, toPlain(member)]))
}

function fromPlain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(fromPlain)
  if ('$bigint' in value && typeof value.$bigint === 'string') return bigintOf(value.$bigint)
  if ('$sketch' in value && isSketchJson(value.$sketch)) return sketchFromJson(value.$sketch)
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, fromPlain(member)]))
}

function bigintOf(text: string): bigint | undefined {
  return /^-?\d+$/.test(text) ? BigInt(text) : undefined
}

function isSketch(value: object): value is Sketch {
  return 'bins' in value && 'firstKey' in value && 'zeroCount' in value
}

function isSketchJson(value: unknown): value is SketchJson {
  return (
    typeof value === 'object' && value !== null && 'pairs' in value && Array.isArray(value.pairs)
  )
}

function checkedFlow(value: unknown, at: string): FlowState {
  if (!isObject(value)) throw new SnapshotError(at, 'a flow', value)
  checkMembers(value, emptyFlow('', ''), at)
  // Every member that a flow must have was found, each of its kind.
  const flow = value as unknown as FlowState
  flow.watch.detector.series = checkedSeries(flow.watch.detector, `${at}.watch.detector.series`)
  return flow
}

/** The series of a detector that was saved, where they are a list. */
function checkedSeries({ series }: { readonly series: unknown }, at: string): SeriesTable {
  if (!Array.isArray(series)) throw new SnapshotError(at, 'series', series)
  // A detector begins with the series of the flow's duration.
  const model = emptyFlow('', '').watch.detector.series.toPlain()[0] as WatchedSeries
  for (const [index, one] of series.entries()) checkWithin(one, model, `${at}[${index}]`)
  const table = SeriesTable.of(series)
  if (table === undefined) throw new SnapshotError(at, 'series', series)
  return table
}

function checkedBook(value: unknown, at: string): AlertBook {
  if (!isObject(value)) throw new SnapshotError(at, 'the alerts of a tenant', value)
  checkMembers(value, emptyBook(''), at)
  // As above.
  return value as unknown as AlertBook
}

function checkedMemory(value: unknown): MemoryDesk {
  if (!isObject(value)) throw new SnapshotError('memory', 'the memory of processes', value)
  checkMembers(value, emptyMemoryDesk(), 'memory')
  // As above.
  return value as unknown as MemoryDesk
}

/** It has the members of what is empty here, each of its kind; what is inside them is trusted as our own. */
function checkMembers(value: Readonly<Record<string, unknown>>, model: object, at: string): void {
  for (const [key, empty] of Object.entries(model)) {
    if (empty === undefined) continue
    const member = value[key]
    const isKind = typeof member === typeof empty && Array.isArray(member) === Array.isArray(empty)
    if (!isKind || member === null) throw new SnapshotError(`${at}.${key}`, kindOf(empty), member)
  }
}

/** As `checkMembers`, and in the objects of the model too: what is taken apart must be there. As deep as the model. */
function checkWithin(value: unknown, model: object, at: string): void {
  if (!isObject(value)) throw new SnapshotError(at, kindOf(model), value)
  checkMembers(value, model, at)
  for (const [key, member] of Object.entries(model))
    if (typeof member === 'object' && !Array.isArray(member))
      checkWithin(value[key], member, `${at}.${key}`)
}

function checkedMark(value: unknown, at: string): Mark {
  if (!isObject(value)) throw new SnapshotError(at, 'a mark', value)
  const { tenant, flowId, unixNs, text } = value
  if (typeof tenant !== 'string') throw new SnapshotError(`${at}.tenant`, 'a string', tenant)
  if (typeof text !== 'string') throw new SnapshotError(`${at}.text`, 'a string', text)
  if (typeof unixNs !== 'bigint') throw new SnapshotError(`${at}.unixNs`, 'a time', unixNs)
  return { tenant, flowId: typeof flowId === 'string' ? flowId : undefined, unixNs, text }
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'object') return 'an object'
  return `a ${typeof value}`
}
