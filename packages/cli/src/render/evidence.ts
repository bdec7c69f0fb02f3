import type { Evidence, Plain } from '@qflow-otel/analyzer'
import { type Line, piece } from '../text/line.ts'
import { bytes, count, duration, percent } from '../text/quantity.ts'
import { wrapped } from '../text/wrapped.ts'

/** Enough to check a claim by hand; `--json` has the rest. */
const MAX_TRACES = 2

/** What to look up to check a claim: figures, then trace ids in full, so that they can be copied. */
export function evidenceLines(
  evidence: Plain<Evidence>,
  layout: { width: number; indent: number },
): readonly Line[] {
  const figures = Object.entries(evidence.figures).map(([name, value]) => figure(name, value))
  const traces = evidence.traceIds.slice(0, MAX_TRACES)
  return [
    ...row('evidence', figures.join(', '), layout),
    ...row(traces.length > 1 ? 'traces' : 'trace', traces.join(' '), layout),
  ]
}

function row(
  title: string,
  text: string,
  { width, indent }: { width: number; indent: number },
): readonly Line[] {
  if (text === '') return []
  const mark = [piece(`${' '.repeat(indent)}${title}`, 'faint')]
  return wrapped({ text, width, indent: indent + 10, mark, tone: 'faint' })
}

const UNITS: Readonly<Record<string, (value: number) => string>> = {
  Ms: duration,
  Ns: (value) => duration(value / 1e6),
  Ratio: percent,
  Bytes: bytes,
}

/** `medianBeforeMs: 120` reads `median before 120 ms`: the unit that ends the name becomes the value's. */
function figure(name: string, value: number): string {
  const words = name.split(/(?=[A-Z])/)
  const unit = words.findLast((word) => word in UNITS)
  const show = unit === undefined ? undefined : UNITS[unit]
  const label = words
    .filter((word) => word !== unit)
    .join(' ')
    .toLowerCase()
  return `${label} ${show === undefined ? plainNumber(value) : show(value)}`
}

function plainNumber(value: number): string {
  return Number.isInteger(value) ? count(value) : value.toPrecision(3)
}
