/** A way to say which points something concerns, and how well that describes them. */
export interface EventCandidate<T> {
  readonly of: T
  /** Of each point. */
  readonly isNew: readonly boolean[]
  /** Twice how much less likely it makes the points, in logs, than the best split in time; negative: more. */
  readonly behind: number
}

/** How many changes have to do with one of the events, before anything is known of a change: half. */
const EVENT_RATIO = 0.5
/** An event is named when it is more than twice as likely as everything else together. */
const MIN_PROBABILITY = 0.7
/** Candidates that disagree on so many points only are one event: a version and the mark that was set for it. */
const SAME_EVENT_COUNT = 3

/**
 * The events that a change has to do with, by Bayes: half of all changes are any event's, evenly, and half any split's in time.
 * `splits`: of each how far it is behind the best of them. O(candidates^2 x points).
 */
export function likelyEvents<T>(
  candidates: readonly EventCandidate<T>[],
  splits: readonly number[],
): { readonly event: readonly EventCandidate<T>[]; readonly probability: number }[] {
  return eventsOf(candidates)
    .map((event, _, all) => ({ event, probability: probabilityOf(event, { all, splits }) }))
    .filter(({ probability }) => probability >= MIN_PROBABILITY)
}

/** Candidates that say nearly the same, together, the best of each thing; the best event first. */
function eventsOf<T>(candidates: readonly EventCandidate<T>[]): (readonly EventCandidate<T>[])[] {
  const found: EventCandidate<T>[][] = []
  for (const candidate of [...candidates].sort((a, b) => a.behind - b.behind)) {
    if (found.some((event) => event.some(({ of }) => of === candidate.of))) continue
    const same = found.find(([first]) => first !== undefined && isSameEvent(first, candidate))
    if (same === undefined) found.push([candidate])
    else same.push(candidate)
  }
  return found
}

type Partition = Pick<EventCandidate<unknown>, 'isNew'>

function isSameEvent(a: Partition, b: Partition): boolean {
  const differentCount = a.isNew.filter((isNew, index) => isNew !== b.isNew[index]).length
  return differentCount <= SAME_EVENT_COUNT
}

type Fit = Pick<EventCandidate<unknown>, 'behind'>

function probabilityOf(
  event: readonly Fit[],
  {
    all,
    splits,
  }: { readonly all: readonly (readonly Fit[])[]; readonly splits: readonly number[] },
): number {
  const behindOf = ([best]: readonly Fit[]) => best?.behind ?? Number.POSITIVE_INFINITY
  const least = Math.min(...all.map(behindOf), ...splits)
  const likelihood = (behind: number) => Math.exp((least - behind) / 2)
  const meanOf = (behinds: readonly number[]) =>
    behinds.reduce((sum, behind) => sum + likelihood(behind), 0) / Math.max(1, behinds.length)
  const own = (EVENT_RATIO * likelihood(behindOf(event))) / all.length
  return own / (EVENT_RATIO * meanOf(all.map(behindOf)) + (1 - EVENT_RATIO) * meanOf(splits))
}
