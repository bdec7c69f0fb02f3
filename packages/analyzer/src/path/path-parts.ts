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

  /** Throws `RangeError` for a path that does not tile the execution. */
  static from(forest: SpanForest, path: readonly PathSegment[]): PathParts {
    const parts = new PathParts(forest)
    let nextNs = forest.durationNs
    for (let at = path.length - 1; at >= 0; at--) {
      // A place below the length.
      const { spanIndex, startNs, endNs } = path[at] as PathSegment
      if (endNs !== nextNs || !(startNs <= endNs))
        throw new RangeError(
          `expected a segment that ends at ${nextNs} ns, found ${startNs} to ${endNs} ns at path[${at}]`,
        )
      parts.add(spanIndex ?? ROOT, startNs)
      nextNs = startNs
    }
    if (nextNs !== 0)
      throw new RangeError(
        `expected a path that begins at 0 ns, found nothing before ${nextNs} ns at path[0]`,
      )
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
