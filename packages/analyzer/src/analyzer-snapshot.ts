import type { AnalyzerSnapshot } from './analyzer.ts'
import { type Counters, countOne } from './baseline/counters.ts'
import { emptyFlow, type FlowState } from './flow-state.ts'
import { type Sketch, type SketchJson, sketchFromJson, sketchToJson } from './stats/sketch.ts'

/** All flows as plain JSON data. Their findings stand beside them for readers; the flows' own are restored. */
export function toSnapshot(flows: ReadonlyMap<string, FlowState>): AnalyzerSnapshot {
  const sorted = [...flows.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, flow]) => flow)
  return {
    version: 1,
    flows: sorted.map(toPlain),
    findings: sorted.flatMap(({ findings }) => findings.map(toPlain)),
  }
}

/** The flows of a snapshot; what is not a flow is left out and counted as `snapshot_refused`. */
export function fromSnapshot(snapshot: AnalyzerSnapshot, counters: Counters): FlowState[] {
  if (snapshot.version !== 1 || !Array.isArray(snapshot.flows)) {
    countOne(counters, 'snapshot_refused')
    return []
  }
  return snapshot.flows.flatMap((plain) => {
    const flow = fromPlain(plain)
    if (isFlowState(flow)) return [flow]
    countOne(counters, 'snapshot_refused')
    return []
  })
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

/** Whether it has the members of a flow, each of its kind; what is inside them is trusted as our own. */
function isFlowState(value: unknown): value is FlowState {
  if (typeof value !== 'object' || value === null) return false
  const members = new Map(Object.entries(value))
  return Object.entries(emptyFlow('', '')).every(([key, empty]) => {
    if (empty === undefined) return true
    const member = members.get(key)
    return typeof member === typeof empty && Array.isArray(member) === Array.isArray(empty)
  })
}
