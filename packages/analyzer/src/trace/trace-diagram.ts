import {
  ATTR_QFLOW_EXECUTION_ID,
  ATTR_QFLOW_EXECUTION_SEGMENT,
  ATTR_QFLOW_EXECUTION_STATUS,
  ATTR_QFLOW_FLOW_ID,
  ATTR_QFLOW_STEP_ATTEMPT,
  ATTR_QFLOW_STEP_ID,
} from '@qflow-otel/semconv'
import type { AttributeValue, SpanRecord } from '../otlp/span-record.ts'
import type { Phase } from './execution.ts'

/** Fixed wall clock of all drawings. */
export const DIAGRAM_START_UNIX_NS = 1_700_000_000_000_000_000n

const TRACE_ID = 'a'.repeat(32)
const LOST_SPAN_ID = 'f'.repeat(16)

/** ns per phase, by step id. */
export type DrawnPhases = Readonly<Record<string, Readonly<Partial<Record<Phase, number>>>>>

/**
 * Builds the spans of a test from an ASCII Gantt chart. Indentation is parenthood, one column is one ns, a bar
 * covers [first, after last) of its '='; '#' and '-' do as well, for those who tell parts of a bar apart.
 *
 *   flow            ==========    execute_flow; `flow.paused` ends paused; each further one is the next segment
 *     step.pay       ======       execute_step pay
 *       try.1        ==           attempt
 *       validate     =            detail, also acquire, hold, ledger
 *       GET            ===        anything else is the user's own
 *     step.b             |        without length, at the left edge of its column
 *     step.c             ==>      has not ended
 *     step.d          <==         ends at the left edge, before its start at the right one
 *     ?GET           ===          its parent is not among the spans
 *     read@GET         =====      linked to the first span of that label
 */
export function spansFromDiagram(diagram: string, phases: DrawnPhases = {}): SpanRecord[] {
  const lines = diagramLines(diagram)
  const open: { indent: number; spanId: string }[] = []
  let segment = 0
  const spans = lines.map((line, index) => {
    while (open.length > 0 && (open.at(-1)?.indent ?? 0) >= line.indent) open.pop()
    const spanId = idOf(index)
    const parentSpanId = line.isLost ? LOST_SPAN_ID : open.at(-1)?.spanId
    open.push({ indent: line.indent, spanId })
    const { label, startNs, endNs } = line
    const { name, attributes } = drawn(label, label.startsWith('flow') ? segment++ : 0, phases)
    return spanRecord({ spanId, parentSpanId, name, attributes, startNs, endNs })
  })
  return spans.map((span, index) => {
    const linked = lines.findIndex(({ label }) => label === lines[index]?.linked)
    const links = linked < 0 ? [] : [{ traceId: TRACE_ID, spanId: idOf(linked) }]
    return { ...span, links, endUnixNs: lines[index]?.isRunning ? 0n : span.endUnixNs }
  })
}

/** One span as it is drawn. */
export interface DiagramLine {
  readonly indent: number
  readonly label: string
  readonly linked: string | undefined
  readonly isLost: boolean
  readonly isRunning: boolean
  readonly startNs: number
  readonly endNs: number
  /** Column of the instant 0. */
  readonly origin: number
  readonly text: string
}

/** The lines of a diagram; the span ids of `spansFromDiagram` count them from 1. */
export function diagramLines(diagram: string): readonly DiagramLine[] {
  const texts = diagram.split('\n').filter((line) => line.trim() !== '')
  const barFrom = (text: string): number => text.search(/(?<=\s)[=#|<-]/)
  const origin = Math.min(...texts.map(barFrom))
  return texts.map((text) => {
    const indent = text.search(/\S/)
    const [name = '', linked] = (text.slice(indent).split(/\s/, 1)[0] ?? '').split('@')
    const from = barFrom(text) - origin
    const to = Math.max(text.search(/[=#-](?=>?\s*$)/) + 1 - origin, from)
    const isReversed = text.includes('<')
    return {
      indent,
      label: name.replace(/^\?/, ''),
      linked,
      isLost: name.startsWith('?'),
      isRunning: text.includes('>'),
      startNs: isReversed ? to : from,
      endNs: isReversed ? from : to,
      origin,
      text,
    }
  })
}

function idOf(index: number): string {
  return (index + 1).toString(16).padStart(16, '0')
}

/** A span as a test needs it: times after `DIAGRAM_START_UNIX_NS`, the rest of the record plain. */
export function spanRecord(span: {
  readonly spanId: string
  readonly parentSpanId?: string | undefined
  readonly traceId?: string
  readonly name: string
  readonly attributes?: readonly (readonly [string, AttributeValue])[]
  readonly startNs: number
  readonly endNs: number
}): SpanRecord {
  return {
    traceId: span.traceId ?? TRACE_ID,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    traceState: '',
    name: span.name,
    kind: 'internal',
    startUnixNs: DIAGRAM_START_UNIX_NS + BigInt(span.startNs),
    endUnixNs: DIAGRAM_START_UNIX_NS + BigInt(span.endNs),
    attributes: new Map(span.attributes ?? []),
    links: [],
    status: 'unset',
    resource: { serviceName: 'shop', attributes: new Map() },
  }
}

function drawn(
  label: string,
  segment: number,
  phases: DrawnPhases,
): { name: string; attributes: [string, AttributeValue][] } {
  const own: [string, AttributeValue][] = [
    [ATTR_QFLOW_FLOW_ID, 'f'],
    [ATTR_QFLOW_EXECUTION_ID, 'e'],
  ]
  const [kind, subject = ''] = label.split('.')
  if (kind === 'flow') {
    own.push([ATTR_QFLOW_EXECUTION_SEGMENT, segment])
    own.push([ATTR_QFLOW_EXECUTION_STATUS, subject === '' ? 'completed' : subject])
    return { name: 'execute_flow f', attributes: own }
  }
  if (kind === 'step') {
    own.push([ATTR_QFLOW_STEP_ID, subject])
    for (const [phase, ns] of Object.entries(phases[subject] ?? {}))
      own.push([`qflow.step.phase.${phase}`, ns / 1e9])
    return { name: `execute_step ${subject}`, attributes: own }
  }
  if (kind === 'try') {
    own.push([ATTR_QFLOW_STEP_ATTEMPT, Number(subject)])
    return { name: 'attempt a', attributes: own }
  }
  if (kind === 'ledger') return { name: 'ledger append', attributes: own }
  if (kind === 'validate' || kind === 'acquire' || kind === 'hold')
    return { name: `${kind} x`, attributes: own }
  return { name: label, attributes: [] }
}
