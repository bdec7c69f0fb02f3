import type { SpanTemplate } from './span-template.ts'

/** Templates that are remembered: executions of up to half as many spans repeat each other. */
const COUNT = 128
const MASK: number = COUNT - 1
const MAX_PERIOD: number = COUNT / 2

type Came = SpanTemplate | undefined

/**
 * In which order the templates of spans came. Executions of one kind repeat it, so that most likely comes next what came then:
 *
 *     step a  call  step b  call  flow  step a  call  ?
 *                   ------ one period before ---------
 */
export class TemplateOrder {
  readonly #came: Came[] = new Array(COUNT).fill(undefined)
  /** Where the next one goes. */
  #at = 0
  #period = MAX_PERIOD

  get next(): Came {
    return this.#before(this.#period)
  }

  /** `template`: absent where a span had none. */
  add(template: Came): void {
    const isExpected = template === this.next
    this.#came[this.#at] = template
    this.#at = (this.#at + 1) & MASK
    if (!isExpected) this.#period = this.#periodNow()
  }

  clear(): void {
    this.#came.fill(undefined)
  }

  /** How long ago the last two came last in this order; where they never did, how long ago the last one did. */
  #periodNow(): number {
    const last = this.#before(1)
    const beforeLast = this.#before(2)
    let period = MAX_PERIOD
    for (let ago = 1; ago < MAX_PERIOD; ago++) {
      if (this.#before(1 + ago) !== last) continue
      if (this.#before(2 + ago) === beforeLast) return ago
      if (period === MAX_PERIOD) period = ago
    }
    return period
  }

  #before(count: number): Came {
    return this.#came[(this.#at - count) & MASK]
  }
}
