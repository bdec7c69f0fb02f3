import { entriesBetween } from './baseline/history.ts'
import type { FlowMemory } from './detect/flow-memory.ts'

/**
 * Whether an execution is one of so many that entered last, which are those that are kept in full. What is told follows from the
 * history alone, so that it is the same after a restart: of what is kept no snapshot knows.
 */
export function isRecentIn(
  { history, failures }: Pick<FlowMemory, 'history' | 'failures'>,
  count: number,
): (executionId: string) => boolean {
  let ids: ReadonlySet<string> | undefined
  return (executionId) => {
    ids ??= newestIds({ history, failures }, count)
    return ids.has(executionId)
  }
}

function newestIds(
  { history, failures }: Pick<FlowMemory, 'history' | 'failures'>,
  count: number,
): ReadonlySet<string> {
  const from = history.nextSequence - count
  // An execution that failed has the position of the next that did not.
  const entered = [
    ...entriesBetween(history, from).map((one) => ({ ...one, position: one.sequence })),
    ...failures.last.filter(({ position }) => position >= from),
  ]
  const newest = entered.sort((a, b) => a.position - b.position).slice(-count)
  return new Set(newest.map(({ executionId }) => executionId))
}
