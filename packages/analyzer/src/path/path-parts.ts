import { type NsColumn, nsColumn, type RowColumn, rowColumn } from './columns.ts'
import { ROOT } from './families.ts'
import type { PathSegment } from './path-segment.ts'
import type { SpanForest } from './span-forest.ts'

/**
 * A path in columns, from its last part to its first: the last ends with the execution, and each other where the part
 * before it in these columns starts.
 */
export class PathParts {
  /** `ROOT` where no span is waited for. */
  readonly rows: RowColumn
  readonly startsNs: NsColumn
  count = 0
  readonly #durationNs: number

  constructor({ spans, durationNs }: Pick<SpanForest, 'spans' | 'durationNs'>) {
    // Each span that is stepped into is a part, and divides one of its parent.
    this.rows = rowColumn(2 * spans.length + 1)
    this.startsNs = nsColumn(2 * spans.length + 1)
    this.#durationNs = durationNs
  }

  static from(forest: SpanForest, path: readonly PathSegment[]): PathParts {
    const parts = new PathParts(forest)
    for (let at = path.length - 1; at >= 0; at--) {
      // A place below the length.
      const { spanIndex, startNs } = path[at] as PathSegment
      parts.add(spanIndex ?? ROOT, startNs)
    }
    return parts
  }

  /** The time of a row from an instant up to what is known already. */
  add(row: number, startNs: number): void {
    const last = this.count - 1
    if (startNs >= this.endNs(this.count)) return
    // Around a predecessor that took no time the waiting goes on.
    if (last >= 0 && this.rows[last] === row) {
      this.startsNs[last] = startNs
      return
    }
    this.rows[this.count] = row
    this.startsNs[this.count] = startNs
    this.count++
  }

  endNs(part: number): number {
    return part === 0 ? this.#durationNs : (this.startsNs[part - 1] ?? 0)
  }
}
