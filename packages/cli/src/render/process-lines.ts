import type { Finding, Plain, ProcessReport } from '@qflow-otel/analyzer'
import { EMPTY_LINE, type Line, piece } from '../text/line.ts'
import { bytes } from '../text/quantity.ts'
import { wrapped } from '../text/wrapped.ts'
import { findingSections } from './finding.ts'
import type { Layout } from './layout.ts'

/** The largest heaps; `--json` has all. */
const MAX_LISTED = 5

/** How much heap the processes use after garbage collections, and which of them leak. */
export function processLines(
  {
    processes,
    findings,
  }: {
    readonly processes: readonly Plain<ProcessReport>[]
    readonly findings: readonly Plain<Finding>[]
  },
  layout: Layout,
): readonly Line[] {
  const known = processes.filter(({ heapBytes }) => heapBytes !== undefined)
  const leaks = findings.filter(({ place }) => place.process !== undefined)
  if (known.length + leaks.length === 0) return []
  const largest = [...known].sort((a, b) => (b.heapBytes ?? 0) - (a.heapBytes ?? 0))
  const rows = largest.slice(0, MAX_LISTED).map(processSentence)
  return [
    [piece('Memory', 'strong')],
    ...rows.flatMap((text) => wrapped({ text, width: layout.width, indent: 2 })),
    ...findingSections(leaks, layout),
    EMPTY_LINE,
  ]
}

function processSentence(process: Plain<ProcessReport>): string {
  const { serviceName = 'a process', instanceId, heapBytes = 0, heapLimitBytes } = process
  const name = instanceId === undefined ? serviceName : `${serviceName} (${instanceId})`
  const limit = heapLimitBytes === undefined ? '' : ` of ${bytes(heapLimitBytes)}`
  return `${name}: heap after garbage collections ${bytes(heapBytes)}${limit}`
}
