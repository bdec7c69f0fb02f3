import type { Faults } from '../faults.ts'
import type { ResourceSampler } from '../resource-sampler.ts'

/**
 * Records kept at most: a burst without a turn of the event loop would otherwise keep them all alive. In batches of 64 a step of
 * such a burst costs 5 % more, since the SDK's code and the engine's take turns in the caches; 256 hold the burst up for 2 ms.
 */
const MAX_KEPT = 256

/**
 * As many are told when the turn is over although they might wait: one flow would otherwise wait for all of them. So are those of a
 * busy turn, of four steps or more: what was written just now is still in the caches, and the host is not between two waits.
 */
const MANY = 64
const MANY_A_TURN = 8

/** The longest a record waits that may wait, in ms; a batch processor keeps it for up to five seconds more. */
const MAX_WAIT_MS = 100

/** A record whose span is made after the host went on, with the time of when it began. */
export interface Opening {
  /** Makes the span and says that it runs, unless that was done or it has ended. */
  open(): void
}

/** A record whose span is ended after the host went on, with the time of when it ended. */
export interface Closing {
  close(): void
}

/**
 * What is told to the SDK once the host has nothing more to do in this turn of the event loop, since a step that comes back from
 * waiting finds cold caches and pays ten times for all that runs in it (docs/adr/0008-told-after-the-turn.md).
 *
 *     host   step a ends ─ step b starts ─ waits ·············· step b ends
 *     here                                 └ end a ─ make b ┘
 *
 * Where somebody says before spans are flushed, it waits on, for several steps and flows at once (docs/adr/0024-told-before-a-flush.md).
 */
export interface Backlog {
  /** Whether somebody calls {@link Backlog.flush} before spans are flushed, so that nothing has to be told before. */
  readonly canWait: boolean
  open(record: Opening): void
  /** In the order of ending, so that children go before their parents. */
  close(record: Closing): void
  /** Tells all of it now. */
  flush(): void
}

export interface BacklogOptions {
  readonly sampler: ResourceSampler
  readonly faults: Faults
  readonly canWait: () => boolean
}

export function createBacklog({ sampler, faults, canWait }: BacklogOptions): Backlog {
  const opened = createQueue((record: Opening) => record.open(), faults)
  const closed = createQueue((record: Closing) => record.close(), faults)
  let isTurnAwaited = false
  let isWaiting = false
  /** Of earlier turns. */
  let waitingCount = 0
  const flush = () => {
    // What has ended as well is made where it is ended.
    closed.flush()
    opened.flush()
    waitingCount = 0
  }
  const endTurn = () => {
    isTurnAwaited = false
    sampler.read()
    const count = closed.count() + opened.count()
    const isBusy = count >= MANY || count - waitingCount >= MANY_A_TURN
    if (isBusy || !canWait()) return flush()
    waitingCount = count
    if (isWaiting || count === 0) return
    isWaiting = true
    setTimeout(endWait, MAX_WAIT_MS).unref()
  }
  const endWait = () => {
    isWaiting = false
    flush()
  }
  const flushLater = (count: number) => {
    if (count >= MAX_KEPT) return flush()
    if (isTurnAwaited) return
    isTurnAwaited = true
    setImmediate(endTurn)
  }
  return {
    get canWait() {
      return canWait()
    },
    open: (record) => flushLater(opened.add(record)),
    close: (record) => flushLater(closed.add(record)),
    flush,
  }
}

interface Queue<T> {
  /** Returns how many are in it. */
  add(record: T): number
  count(): number
  flush(): void
}

function createQueue<T extends object>(tell: (record: T) => void, faults: Faults): Queue<T> {
  const records: T[] = []
  let next = 0
  return {
    add: (record) => records.push(record),
    count: () => records.length,
    /** A span processor may start or end a flow itself: an inner flush goes on where the outer one is. */
    flush() {
      for (let record = records[next]; record !== undefined; record = records[next]) {
        next++
        try {
          tell(record)
        } catch (fault) {
          faults.report('telling of a span', fault)
        }
      }
      next = 0
      records.length = 0
    },
  }
}
