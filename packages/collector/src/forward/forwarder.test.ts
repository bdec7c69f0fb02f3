import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Accounting, unaccounted } from '../accounting.ts'
import { FakeClock } from '../fake-clock.ts'
import { signals } from '../receive/signal.ts'
import { Forwarder } from './forwarder.ts'
import { PARCEL_OVERHEAD_BYTES, type Parcel, type SendOutcome } from './parcel.ts'

const delivered: SendOutcome = { kind: 'delivered', refusedCount: 0 }
const busy: SendOutcome = { kind: 'retry', reason: 'busy', retryAfterMs: undefined }
const refused: SendOutcome = { kind: 'refused', reason: 'the backend answered 400' }

const parcel = (itemCount = 1, bytes = 100): Parcel => ({
  signal: 'traces',
  path: '/v1/traces',
  contentType: 'application/x-protobuf',
  contentEncoding: undefined,
  body: Buffer.alloc(bytes),
  itemCount,
})

function forwarder(answers: () => SendOutcome, options: { queueBytes?: number } = {}) {
  const clock = new FakeClock()
  const accounting = new Accounting(clock)
  const sentAtMs: number[] = []
  const queue = new Forwarder({
    send: async () => {
      sentAtMs.push(clock.nowMs())
      return answers()
    },
    queueBytes: options.queueBytes ?? 1_000_000,
    giveUpMs: 300_000,
    accounting,
    clock,
    random: () => 0.5,
  })
  const accept = (one: Parcel) => {
    const isTaken = queue.offer(one)
    if (isTaken) accounting.accept(one.signal, { count: one.itemCount, invalidCount: 0 })
    return isTaken
  }
  return { queue, clock, accounting, sentAtMs, accept, account: () => accounting.of('traces') }
}

test('what the backend takes is sent', async () => {
  const { accept, account, clock, queue } = forwarder(() => delivered)
  accept(parcel(3))
  expect(account()).toMatchObject({ accepted: 3, queued: 3, sent: 0 })
  await clock.advance(0)
  expect(account()).toMatchObject({ accepted: 3, queued: 0, sent: 3 })
  expect(queue.state.queuedBytes).toBe(0)
})

test('what the backend refuses for good is not tried again', async () => {
  const { accept, account, clock, sentAtMs, queue } = forwarder(() => refused)
  accept(parcel(3))
  await clock.advance(400_000)
  expect(sentAtMs).toEqual([0])
  expect(account()).toMatchObject({ refusedByBackend: 3, sent: 0 })
  expect(queue.state.failure).toBe('the backend answered 400')
})

test('a partial success splits the items', async () => {
  const { accept, account, clock } = forwarder(() => ({ kind: 'delivered', refusedCount: 2 }))
  accept(parcel(3))
  await clock.advance(0)
  expect(account()).toMatchObject({ sent: 1, refusedByBackend: 2 })
})

test('retries come after 5 s, 7.5 s, 11.25 s, …, 30 s, and end within 300 s of the first attempt', async () => {
  const { accept, account, clock, sentAtMs } = forwarder(() => busy)
  accept(parcel(3))
  await clock.advance(600_000)
  const gaps = sentAtMs.slice(1).map((atMs, index) => atMs - (sentAtMs[index] ?? 0))
  expect(gaps.slice(0, 6)).toEqual([5_000, 7_500, 11_250, 16_875, 25_312.5, 30_000])
  expect(Math.max(...sentAtMs)).toBeLessThanOrEqual(300_000)
  expect(account()).toMatchObject({ queued: 0, dropped: { gave_up: 3, closing: 0 } })
})

test('a longer Retry-After is honoured', async () => {
  const answers: SendOutcome[] = [
    { kind: 'retry', reason: 'busy', retryAfterMs: 60_000 },
    delivered,
  ]
  const { accept, clock, sentAtMs } = forwarder(() => answers.shift() ?? delivered)
  accept(parcel())
  await clock.advance(100_000)
  expect(sentAtMs).toEqual([0, 60_000])
})

test('a full queue takes no more, and takes again once there is room', async () => {
  const weight = 100 + PARCEL_OVERHEAD_BYTES
  let answer: SendOutcome = busy
  const { accept, clock, queue } = forwarder(() => answer, { queueBytes: 2 * weight })
  expect([accept(parcel()), accept(parcel()), accept(parcel())]).toEqual([true, true, false])
  expect(queue.fits(parcel(1, 3 * weight))).toBe(false)
  answer = delivered
  await clock.advance(5_000)
  expect(queue.state).toMatchObject({ queuedBytes: 0, failure: undefined })
  expect(accept(parcel())).toBe(true)
})

describe('closing', () => {
  test('waits for the queue to become empty', async () => {
    let answer: SendOutcome = busy
    const { accept, account, clock, queue } = forwarder(() => answer)
    accept(parcel(3))
    await clock.advance(1_000)
    answer = delivered
    const drained = queue.drain(10_000)
    await clock.advance(10_000)
    await drained
    expect(account()).toMatchObject({ sent: 3, dropped: { closing: 0 } })
    expect(clock.timerCount).toBe(0)
  })

  test('drops and counts what is left when its time is over', async () => {
    const { accept, account, clock, queue } = forwarder(() => busy)
    for (let one = 0; one < 30; one++) accept(parcel(2))
    const drained = queue.drain(3_000)
    await clock.advance(3_000)
    await drained
    expect(account()).toMatchObject({ accepted: 60, queued: 0, dropped: { closing: 60 } })
    expect(queue.state).toMatchObject({ queuedBytes: 0, queuedRequests: 0 })
    expect(accept(parcel())).toBe(false)
    expect(clock.timerCount).toBe(0)
  })
})

test('at every moment accepted = sent + queued + refused + dropped, whatever the backend does', async () => {
  const outcome = fc.oneof(
    fc.record({ kind: fc.constant('delivered' as const), refusedCount: fc.nat(5) }),
    fc.constant(refused),
    fc.record({
      kind: fc.constant('retry' as const),
      reason: fc.constant('busy'),
      retryAfterMs: fc.option(fc.nat(400_000), { nil: undefined }),
    }),
  )
  const action = fc.oneof(
    fc.record({
      signal: fc.constantFrom(...signals.map(({ name }) => name)),
      items: fc.nat(20),
      bytes: fc.nat(600),
    }),
    fc.record({ waitMs: fc.nat(40_000) }),
  )
  await fc.assert(
    fc.asyncProperty(
      fc.array(action, { maxLength: 40 }),
      fc.infiniteStream(outcome),
      async (actions, outcomes) => {
        const flaky = forwarder(() => outcomes.next().value, { queueBytes: 8_000 })
        const balanced = () => {
          for (const { name } of signals) {
            const account = flaky.accounting.of(name)
            expect(unaccounted(account)).toBe(0)
            expect(Math.min(account.queued, account.sent)).toBeGreaterThanOrEqual(0)
          }
        }
        for (const one of actions) {
          if ('waitMs' in one) await flaky.clock.advance(one.waitMs)
          else flaky.accept({ ...parcel(one.items, one.bytes), signal: one.signal })
          balanced()
        }
        const drained = flaky.queue.drain(5_000)
        await flaky.clock.advance(5_000)
        await drained
        balanced()
        expect(signals.map(({ name }) => flaky.accounting.of(name).queued)).toEqual([0, 0, 0])
        expect(flaky.queue.state).toMatchObject({ queuedBytes: 0, queuedRequests: 0 })
      },
    ),
    { numRuns: 100, seed: 7 },
  )
})
