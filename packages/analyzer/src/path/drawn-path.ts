import { expect } from 'vitest'
import type { Execution } from '../trace/execution.ts'
import { DIAGRAM_START_UNIX_NS, diagramLines } from '../trace/trace-diagram.ts'
import { criticalPath } from './critical-path.ts'
import type { FlowOrder } from './flow-order.ts'
import { drawnExecution } from './generated-execution.ts'

/**
 * The drawing with its critical path in it: '#' where the execution waited for the span itself, '-' elsewhere. A drawing
 * that is right is its own picture.
 */
function pathPicture(
  drawing: string,
  { execution = drawnExecution(drawing), order }: { execution?: Execution; order?: FlowOrder } = {},
): string {
  const shiftNs = Number(execution.startUnixNs - DIAGRAM_START_UNIX_NS)
  const path = criticalPath(execution, order)
  const lines = diagramLines(drawing).map(({ text, origin }, index) => {
    const columns = [...text]
    const own = path.filter(({ spanId }) => Number.parseInt(spanId ?? '', 16) === index + 1)
    for (const [column, sign] of columns.entries()) {
      const atNs = column - origin - shiftNs
      const isOn = own.some(({ startNs, endNs }) => startNs <= atNs && atNs < endNs)
      if (column >= origin && /[=#-]/.test(sign)) columns[column] = isOn ? '#' : '-'
    }
    return columns.join('')
  })
  return lines.join('\n')
}

/** The drawing is a picture of its own path. */
export function expectPath(drawing: string, options: Parameters<typeof pathPicture>[1] = {}): void {
  // Begins on a line of its own, so that a failure shows both pictures.
  expect(`\n${pathPicture(drawing, options)}`).toBe(`\n${trimmed(drawing)}`)
}

/** A drawing as `pathPicture` gives it back. */
function trimmed(drawing: string): string {
  return diagramLines(drawing)
    .map(({ text }) => text)
    .join('\n')
}
