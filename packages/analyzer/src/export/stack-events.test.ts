import fc from 'fast-check'
import { expect, test } from 'vitest'
import { criticalPath } from '../path/critical-path.ts'
import { generatedExecution } from '../path/generated-execution.ts'
import type { PathSegment } from '../path/path-segment.ts'
import { buildExecution } from '../trace/build-execution.ts'
import type { Execution, ExecutionSpan } from '../trace/execution.ts'
import { spanRecord } from '../trace/trace-diagram.ts'
import { pathEvents, type StackEvent } from './stack-events.ts'

test('events of the path are those of comparing whole lineages', () => {
  fc.assert(
    fc.property(generatedExecution, (records) => {
      const execution = buildExecution({ tenant: 't', executionId: 'e', records })
      const path = criticalPath(execution)
      expect(pathEvents(path, execution.spans)).toEqual(slowPathEvents(path, execution.spans))
    }),
    { numRuns: 1_000, seed: 1 },
  )
})

//   s0   ├─────────────┤
//    s1   ├───────────┤
//     s2   ├─────────┤     1,000 levels: the path goes down and up again
test('of a chain only what is not open yet is climbed', () => {
  const count = 1_000
  const execution = chain(count)
  let climbCount = 0
  const spans = execution.spans.map((span) =>
    Object.defineProperty({ ...span }, 'parentRow', {
      get: () => {
        climbCount += 1
        return span.parentRow
      },
    }),
  )
  const path = criticalPath(execution)
  expect(path).toHaveLength(2 * count - 1)
  expect(pathEvents(path, spans)).toHaveLength(2 * count)
  expect(climbCount).toBe(count)
})

function chain(count: number): Execution {
  const records = Array.from({ length: count }, (_, level) =>
    spanRecord({
      spanId: (level + 1).toString(16).padStart(16, '0'),
      parentSpanId: level === 0 ? undefined : level.toString(16).padStart(16, '0'),
      name: `s${level}`,
      startNs: level,
      endNs: 2 * count - level,
    }),
  )
  return buildExecution({ tenant: 't', executionId: 'e', records })
}

/** O(segments x depth). */
function slowPathEvents(
  path: readonly PathSegment[],
  spans: readonly ExecutionSpan[],
): StackEvent[] {
  const events: StackEvent[] = []
  let open: number[] = []
  const change = (wanted: readonly number[], atNs: number): void => {
    const differs = open.findIndex((row, level) => row !== wanted[level])
    const kept = differs === -1 ? open.length : differs
    for (const row of open.slice(kept).reverse()) events.push({ kind: 'close', row, atNs })
    for (const row of wanted.slice(kept)) events.push({ kind: 'open', row, atNs })
    open = [...open.slice(0, kept), ...wanted.slice(kept)]
  }
  for (const { spanIndex = -1, startNs } of path) {
    const lineage: number[] = []
    for (let row = spanIndex; row !== -1; row = spans[row]?.parentRow ?? -1) lineage.unshift(row)
    // An ancestor of what is open closes what is below it.
    change(lineage, startNs)
  }
  change([], path.at(-1)?.endNs ?? 0)
  return events
}
