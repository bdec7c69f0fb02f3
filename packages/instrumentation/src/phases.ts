/**
 * The phases of a step in the order in which an instant that several of them cover is given away: to the first open one.
 * `queue` is not here, since it lies before the step and overlaps nothing.
 */
export const phaseNames = [
  'retry_backoff',
  'resource_wait',
  'validation',
  'ledger',
  'work',
  'engine',
] as const

export const RETRY_BACKOFF = 0
export const RESOURCE_WAIT = 1
export const VALIDATION = 2
export const LEDGER = 3
export const WORK = 4
export const ENGINE = 5

export type Phase = 0 | 1 | 2 | 3 | 4 | 5

/**
 * Splits the time of one step over its phases, in whole ns, so that the parts add up to the whole exactly: each interval
 * between two changes is given to one phase.
 *
 *     work        ├────────────────────────┤
 *     wait            ├─────┤                       open counts say what is open
 *     ledger                           ├──────┤
 *     given to    work wait  work          ledger  engine
 */
export class PhaseClock {
  /** Ns per phase, indexed by {@link Phase}. */
  readonly totalsNs: number[] = [0, 0, 0, 0, 0, 0]
  private readonly open: number[] = [0, 0, 0, 0, 0]
  private current: Phase = ENGINE
  private lastNs: number
  private gapStartNs = -1
  private beforeGapNs: number[] | undefined

  constructor(startNs: number) {
    this.lastNs = startNs
  }

  enter(phase: Phase, atNs: number): void {
    this.open[phase] = (this.open[phase] ?? 0) + 1
    if (phase >= this.current) return
    this.give(atNs)
    this.current = phase
  }

  leave(phase: Phase, atNs: number): void {
    const left = (this.open[phase] ?? 0) - 1
    this.open[phase] = left
    if (left > 0 || phase !== this.current) return
    this.give(atNs)
    this.current = this.firstOpen(phase)
  }

  /** An attempt ended; what follows is a pause between attempts if another one begins. */
  markAttemptEnd(atNs: number): void {
    this.give(atNs)
    this.gapStartNs = atNs
    this.beforeGapNs = this.totalsNs.slice()
  }

  /** Another attempt begins: all since the end of the one before was `retry_backoff`, the first in the order. */
  claimGap(atNs: number): void {
    if (this.beforeGapNs === undefined) return
    this.give(atNs)
    for (const [phase, ns] of this.beforeGapNs.entries()) this.totalsNs[phase] = ns
    this.totalsNs[RETRY_BACKOFF] = (this.totalsNs[RETRY_BACKOFF] ?? 0) + atNs - this.gapStartNs
    this.beforeGapNs = undefined
  }

  /** Gives the rest away; the totals then add up to `endNs` less the start. */
  finish(endNs: number): void {
    this.give(endNs)
  }

  private give(atNs: number): void {
    this.totalsNs[this.current] = (this.totalsNs[this.current] ?? 0) + atNs - this.lastNs
    this.lastNs = atNs
  }

  private firstOpen(from: Phase): Phase {
    for (let phase = from; phase < ENGINE; phase++) {
      // `phase` counts up from a phase and stops before ENGINE, so it is one.
      if ((this.open[phase] ?? 0) > 0) return phase as Phase
    }
    return ENGINE
  }
}
