import { type Interval, studentT95 } from '../../stats/mean-interval.ts'
import { rateInterval } from '../../stats/rate-interval.ts'

/** What replays have come to. Plain data. */
export interface ReplayTally {
  judgedCount: number
  alarmCount: number
  /** The last replays, for how much they differ; the oldest first. */
  runs: readonly ReplayRun[]
}

interface ReplayRun {
  readonly judgedCount: number
  readonly alarmCount: number
}

/** Enough to see whether alarms come in clusters. */
const MAX_RUN_COUNT = 256

export function emptyTally(): ReplayTally {
  return { judgedCount: 0, alarmCount: 0, runs: [] }
}

/** Fewer do not say how much they differ; as much as any family of the study does, then. */
const MIN_RUN_COUNT = 3
const UNKNOWN_DISPERSION = 4
const Z95 = 1.959964

/** Counts a replay that has ended. */
export function countReplay(tally: ReplayTally, { judgedCount, alarmCount }: ReplayRun): void {
  tally.judgedCount += judgedCount
  tally.alarmCount += alarmCount
  tally.runs = [...tally.runs, { judgedCount, alarmCount }].slice(-MAX_RUN_COUNT)
}

/** All together, and the replay that is under way. */
export function mergeTallies(
  tallies: readonly ReplayTally[],
  underWay: ReplayRun | undefined,
): ReplayTally {
  const merged = emptyTally()
  for (const { judgedCount, alarmCount, runs } of tallies) {
    merged.judgedCount += judgedCount
    merged.alarmCount += alarmCount
    merged.runs = [...merged.runs, ...runs]
  }
  if (underWay !== undefined && underWay.judgedCount > 0) countReplay(merged, underWay)
  return merged
}

/** False alarms per execution; absent without a replay. */
export function replayedRate(tally: ReplayTally): Interval | undefined {
  const { judgedCount: trialCount, alarmCount: count } = tally
  const interval = rateInterval({ count, trialCount }, dispersionOf(tally.runs))
  return interval && { ...interval, high: interval.high * POOL_BIAS }
}

/**
 * A pool of a few hundred executions varies less than fresh ones do, and its replays alarm by a tenth to a seventh too seldom, as
 * measured in docs/evidence/detection.md: the true rate may lie so much higher.
 */
const POOL_BIAS = 1.15

/**
 * How much more the counts of runs differ than those of alarms that know nothing of each other: Pearson's chi-square over its
 * degrees of freedom, widened for their small number. The executions of one pool are the same again and again, and what alarms
 * once may do so twice.
 */
function dispersionOf(runs: readonly ReplayRun[]): number {
  if (runs.length < MIN_RUN_COUNT) return UNKNOWN_DISPERSION
  const judged = runs.reduce((sum, one) => sum + one.judgedCount, 0)
  const alarms = runs.reduce((sum, one) => sum + one.alarmCount, 0)
  if (alarms === 0) return 1
  const rate = alarms / judged
  const chiSquare = runs.reduce((sum, { judgedCount, alarmCount }) => {
    const expected = rate * judgedCount
    return expected === 0 ? sum : sum + (alarmCount - expected) ** 2 / expected
  }, 0)
  const freedom = runs.length - 1
  return Math.max(1, chiSquare / freedom) * (studentT95(freedom) / Z95) ** 2
}
