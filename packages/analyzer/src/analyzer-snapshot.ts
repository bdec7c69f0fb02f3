import type { AnalyzerSnapshot } from './analyzer.ts'
import type { Mark } from './baseline/marks.ts'
import { emptyFlow, type FlowState } from './flow-state.ts'
import { isObject } from './otlp/json-shape.ts'
import { SnapshotError } from './snapshot-error.ts'
import { type Sketch, type SketchJson, sketchFromJson, sketchToJson } from './stats/sketch.ts'

/** All flows as plain JSON data. Their findings stand beside them for readers; the flows' own are restored. */
export function toSnapshot(
  flows: Iterable<FlowState>,
  marks: readonly Mark[] = [],
): AnalyzerSnapshot {
  const sorted = [...flows].sort((a, b) => (a.key < b.key ? -1 : 1))
  return {
    version: 3,
    flows: sorted.map(toPlain),
    findings: sorted.flatMap(({ findings }) => findings.map(toPlain)),
    marks: marks.map(toPlain),
  }
}

/**
 * The flows and marks of a snapshot. Throws `SnapshotError` for one of another version, or with a flow that is none: whoever
 * keeps it must not write over it.
 */
export function fromSnapshot(snapshot: unknown): {
  readonly flows: readonly FlowState[]
  readonly marks: readonly Mark[]
} {
  if (!isObject(snapshot)) throw new SnapshotError('', 'an object', snapshot)
  const { version, flows, marks } = snapshot
  if (version !== 3) throw new SnapshotError('version', 'version 3', version)
  if (!Array.isArray(flows)) throw new SnapshotError('flows', 'an array', flows)
  if (!Array.isArray(marks)) throw new SnapshotError('marks', 'an array', marks)
  return {
    flows: flows.map((plain: unknown, index) => checkedFlow(fromPlain(plain), `flows[${index}]`)),
    marks: marks.map((plain: unknown, index) => checkedMark(fromPlain(plain), `marks[${index}]`)),
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
 * bigint as `{"$bigint": "123"}`, sketches in their sparse form as `{"$sketch": …}`; absent members stay absent.
 * States are our own shapes of bounded depth, so recursion is too.
 */
function toPlain(value: unknown): unknown {
  if (typeof value === 'bigint') return { $bigint: value.toString() }
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(toPlain)
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

/** It has the members of a flow, each of its kind; what is inside them is trusted as our own. */
function checkedFlow(value: unknown, at: string): FlowState {
  if (!isObject(value)) throw new SnapshotError(at, 'a flow', value)
  for (const [key, empty] of Object.entries(emptyFlow('', ''))) {
    if (empty === undefined) continue
    const member = value[key]
    const isKind = typeof member === typeof empty && Array.isArray(member) === Array.isArray(empty)
    if (!isKind || member === null) throw new SnapshotError(`${at}.${key}`, kindOf(empty), member)
  }
  // Every member that a flow must have was found, each of its kind.
  return value as unknown as FlowState
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
  return typeof value === 'string' ? 'a string' : 'an object'
}
