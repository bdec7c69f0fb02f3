import { MAX_LISTED_REJECTIONS } from './limits.ts'
import type { DecodeLosses, RejectedSpan } from './span-record.ts'

/** What a reader refuses and shortens in one body. */
export class DecodeTally {
  #rejected: RejectedSpan[] = []
  readonly #clipped = new Map<string, number>()
  /** How often something was shortened. */
  clipCount = 0
  /** Spans that were read, good or bad. */
  spanCount = 0
  /** Lists and maps made for values. */
  collectionCount = 0
  #rejectedCount = 0

  reject(at: string, reason: string): void {
    this.#rejectedCount++
    if (this.#rejected.length < MAX_LISTED_REJECTIONS) this.#rejected.push({ at, reason })
  }

  /** `place` is asked for only what is listed. */
  rejectAt(place: () => string, field: string, reason: string): undefined {
    if (this.#rejected.length < MAX_LISTED_REJECTIONS) this.reject(`${place()}.${field}`, reason)
    else this.#rejectedCount++
  }

  /** Whether one more span is read, good or bad; the first beyond `maxCount` is listed, the others are counted. */
  hasRoom(place: () => string, maxCount: number): boolean {
    this.spanCount++
    if (this.spanCount <= maxCount) return true
    this.#rejectedCount++
    if (this.spanCount === maxCount + 1)
      this.#rejected.push({
        at: place(),
        reason: `expected at most ${maxCount} spans in one body, found more`,
      })
    return false
  }

  clip(reason: string, count = 1): void {
    this.clipCount += count
    this.#clipped.set(reason, (this.#clipped.get(reason) ?? 0) + count)
  }

  /** At most `maxLength` UTF-16 units, never half a character. */
  clipText(text: string, maxLength: number, reason: string): string {
    if (text.length <= maxLength) return text
    this.clip(reason)
    const isHalf = /[\uD800-\uDBFF]/.test(text[maxLength - 1] ?? '')
    const part = text.slice(0, isHalf ? maxLength - 1 : maxLength)
    // A slice would keep the whole text alive; the detour over JSON makes a copy.
    return JSON.parse(JSON.stringify(part))
  }

  losses(): DecodeLosses {
    return {
      rejected: this.#rejected,
      rejectedCount: this.#rejectedCount,
      clipped: Object.fromEntries(this.#clipped),
    }
  }

  /** Begins anew, for the next body. */
  clear(): void {
    this.#rejected = []
    this.#clipped.clear()
    this.clipCount = 0
    this.#rejectedCount = 0
    this.spanCount = 0
    this.collectionCount = 0
  }
}
