import type { ExecutionSpan } from '../trace/execution.ts'
import { NONE } from './families.ts'

/** The execution's own span; all others lie below it. */
export const TOP = 0

/**
 * The rows of executions that do one thing at a time, as most do: no two siblings run at once and none leaves its parent. Then
 * all is on the critical path, and every ns of it is the own time of one row, its length less that of its children:
 *
 *   flow     ├──────────────────────┤     own   ├─┤          ├─┤         ├─┤
 *   step a     ├──────────┤                       ├──┤     ├─┤
 *     call        ├─────┤                            ├─────┤
 *   step b                  ├─────────┤                        ├─────────┤
 *
 * Who is whose child is the same in all of them, so that one pass over the times says all there is to say. Arrays are by row.
 */
export class SerialRows {
  readonly parents: readonly number[]
  /** Row of the step that a row is or lies in; `NONE` outside steps. */
  readonly steps: readonly number[]
  readonly children: readonly (readonly number[])[]

  /** Of the execution that was read last. */
  readonly startsNs: Float64Array
  readonly endsNs: Float64Array
  readonly ownNs: Float64Array
  /** Up to where the rows read so far cover each. */
  readonly #coveredNs: Float64Array
  readonly #isStep: readonly boolean[]

  private constructor(spans: readonly ExecutionSpan[]) {
    this.parents = spans.map(({ parentRow }) => parentRow)
    this.#isStep = spans.map(({ role }) => role === 'step')
    this.steps = stepsOf(spans)
    this.children = spans.map((_, row) =>
      [...spans.keys()].filter((at) => this.parents[at] === row),
    )
    this.startsNs = new Float64Array(spans.length)
    this.endsNs = new Float64Array(spans.length)
    this.ownNs = new Float64Array(spans.length)
    this.#coveredNs = new Float64Array(spans.length)
  }

  /** Absent unless there is one segment, steps directly in it, and the user's spans in both. `spans` are in order of rows. */
  static of(spans: readonly ExecutionSpan[]): SerialRows | undefined {
    const isPlain = ({ role, parentRow }: ExecutionSpan, row: number): boolean => {
      if (row === TOP) return role === 'execution' && parentRow < 0
      return parentRow >= 0 && (role === 'foreign' || (role === 'step' && parentRow === TOP))
    }
    return spans.length > 0 && spans.every(isPlain) ? new SerialRows(spans) : undefined
  }

  /**
   * Takes in the times of an execution: `order` says which start and end, of `timesNs` from `first` on, are those of a row. Rows
   * are in order, but may overlap. False where they do, where one leaves its parent, or where a step takes no time. O(n).
   */
  read(order: readonly number[], timesNs: Float64Array, first: number): boolean {
    const { parents, startsNs, endsNs, ownNs } = this
    const coveredNs = this.#coveredNs
    for (let row = 0; row < order.length; row++) {
      const at = first + 2 * (order[row] ?? 0)
      const startNs = timesNs[at] ?? 0
      const endNs = timesNs[at + 1] ?? 0
      if (row !== TOP) {
        const parent = parents[row] ?? TOP
        if (startNs < (coveredNs[parent] ?? 0) || endNs > (endsNs[parent] ?? 0)) return false
        coveredNs[parent] = endNs
        ownNs[parent] = (ownNs[parent] ?? 0) - (endNs - startNs)
      }
      if (startNs === endNs && (row === TOP || this.#isStep[row] === true)) return false
      startsNs[row] = startNs
      endsNs[row] = endNs
      coveredNs[row] = startNs
      ownNs[row] = endNs - startNs
    }
    return true
  }

  lengthNs(row: number): number {
    return (this.endsNs[row] ?? 0) - (this.startsNs[row] ?? 0)
  }

  /**
   * Whether known predecessors make no difference: each waited for the sibling before it, which timing says as well.
   */
  isByTiming(before: readonly (readonly number[] | undefined)[]): boolean {
    return before.every((known, row) => {
      if (known === undefined) return true
      const siblings = this.children[this.parents[row] ?? NONE] ?? []
      return known.includes(siblings[siblings.indexOf(row) - 1] ?? NONE)
    })
  }
}

function stepsOf(spans: readonly ExecutionSpan[]): readonly number[] {
  const steps: number[] = []
  for (const [row, { role, parentRow }] of spans.entries())
    steps.push(role === 'step' ? row : (steps[parentRow] ?? NONE))
  return steps
}
