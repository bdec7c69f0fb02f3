import { type History, simulatedEntries } from '../../baseline/history.ts'
import type { HistoryEntry } from '../../baseline/history-entry.ts'

/** The re-simulated executions that speak for a flow's present. */
interface Present {
  /** Where the present level began. */
  readonly from: number
  /** Sequence of the first that was not looked at yet. */
  next: number
  readonly entries: HistoryEntry[]
  /** Of these, by addition and subtraction as they come and go: about what a fresh sum says. */
  wholeMs: number
  readonly savedMs: number[]
}

/** Far more than sums of a hundred numbers can be off after any number of additions that a flow lives to see. */
const SLACK_RATIO = 1e-6
/** The executions that speak for the present. */
export const WINDOW_COUNT = 100

/** As `PresentSavings.entries`, looked for anew. O(entries of the history). */
export function presentEntries(history: History, from: number): readonly HistoryEntry[] {
  return simulatedEntries(history, from).slice(-WINDOW_COUNT)
}

/**
 * The window of each flow's savings from one judgement to the next. Looking for it among all entries, and summing all of
 * it each time, fetches a flow's history from far memory; most flows have no place of which their sums leave any doubt.
 * Can be had again from the history at any time: no part of a snapshot.
 */
export class PresentSavings {
  readonly #byHistory = new WeakMap<History, Present>()

  /** The last re-simulated entries with sequence from `from`, no more than `WINDOW_COUNT`. O(entries since it was asked last). */
  entries(history: History, from: number): readonly HistoryEntry[] {
    return this.#present(history, from).entries
  }

  /** False when surely no place would have saved this share of the durations. O(places). */
  mayReach(share: number, history: History, from: number): boolean {
    const { savedMs, wholeMs } = this.#present(history, from)
    const surelyBelowMs = share * (1 - SLACK_RATIO) * wholeMs
    return !savedMs.every((ms) => ms < surelyBelowMs)
  }

  #present(history: History, from: number): Present {
    const known = this.#byHistory.get(history)
    const isKnown = known !== undefined && known.from === from
    const present = isKnown ? known : { from, next: from, entries: [], wholeMs: 0, savedMs: [] }
    if (!isKnown) this.#byHistory.set(history, present)
    catchUp(present, history.entries)
    return present
  }
}

/** Takes in what came since, and lets go of what the window or the history has no room for. */
function catchUp(present: Present, all: readonly HistoryEntry[]): void {
  const oldest = all[0]?.sequence ?? 0
  for (let index = Math.max(0, present.next - oldest); index < all.length; index++) {
    // An index below the length.
    const entry = all[index] as HistoryEntry
    present.next = entry.sequence + 1
    if (entry.savingCount === undefined) continue
    present.entries.push(entry)
    addSavings(present, entry, 1)
  }
  for (let first = present.entries[0]; first !== undefined; first = present.entries[0]) {
    if (present.entries.length <= WINDOW_COUNT && first.sequence >= oldest) break
    present.entries.shift()
    addSavings(present, first, -1)
  }
}

function addSavings(present: Present, entry: HistoryEntry, sign: 1 | -1): void {
  const { durationMs, partCount, savingCount = 0, figures } = entry
  const { savedMs } = present
  present.wholeMs += sign * durationMs
  const end = partCount + 2 * savingCount
  for (let at = partCount; at < end; at += 2) {
    // Indices below the lengths.
    const place = figures[at] as number
    while (savedMs.length <= place) savedMs.push(0)
    savedMs[place] = (savedMs[place] as number) + sign * (figures[at + 1] as number)
  }
}
