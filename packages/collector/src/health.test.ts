import { expect, test } from 'vitest'
import { Accounting } from './accounting.ts'
import { unixMsOf } from './clock.ts'
import { FakeClock } from './fake-clock.ts'
import { type HealthSources, healthOf } from './health.ts'
import { NO_CONNECTIONS } from './http/server.ts'

function sources(more: Partial<HealthSources> = {}): HealthSources {
  const clock = new FakeClock(10_000)
  return {
    version: '1.2.3',
    startedUnixMs: 4_000,
    nowUnixMs: unixMsOf(clock),
    revision: 1,
    accounting: new Accounting(clock),
    forward: undefined,
    stateDir: undefined,
    connections: NO_CONNECTIONS,
    live: { clientCount: 0, lostCount: 0 },
    answers: { unreadBytes: 0, refusedCount: 0, closedCount: 0 },
    ownExports: undefined,
    losses: { acceptedSpanCount: 0, droppedSpans: {}, closedExecutions: {}, unjudged: {} },
    faultCount: 0,
    lastFault: undefined,
    ...more,
  }
}

const forward = { url: 'http://b', queuedBytes: 0, capacityBytes: 1, queuedRequests: 0 }
const stateDir = { directory: '/s', restored: 'nothing', writtenUnixMs: 1 } as const
const aside = { file: '/s/analyzer.json.corrupt-1', reason: 'torn' }

test('nothing wrong is ok, and what does not exist is absent from the JSON', () => {
  const health = JSON.parse(JSON.stringify(healthOf(sources())))
  expect(health).toMatchObject({ status: 'ok', problems: [], uptimeMs: 6_000, version: '1.2.3' })
  expect(Object.keys(health)).not.toContain('forward')
  expect(Object.keys(health)).not.toContain('faultCount')
})

test.each<[Partial<HealthSources>, string]>([
  [{ forward: { ...forward, failure: 'busy' } }, 'forwarding: busy'],
  [
    { stateDir: { ...stateDir, setAside: undefined, failure: 'full' } },
    'state directory: the last write failed: full',
  ],
  [{ stateDir: { ...stateDir, setAside: aside, failure: undefined } }, 'could not be used (torn)'],
  [{ ownExports: { sentCount: 0, failedCount: 1, failure: 'away' } }, 'own telemetry: away'],
  [{ faultCount: 2, lastFault: 'oops' }, '2 faults of the collector; last: oops'],
])('%j is degraded', (more, words) => {
  const health = healthOf(sources(more))
  expect(health.status).toBe('degraded')
  expect(health.problems).toEqual([expect.stringContaining(words)])
})

test('a loss is a problem for five minutes, and counted for ever', async () => {
  const clock = new FakeClock()
  const accounting = new Accounting(clock)
  accounting.accept('logs', { count: 7, invalidCount: 0 })
  accounting.enqueue('logs', 7)
  accounting.settle('logs', { count: 4, refusedCount: 1 })
  accounting.drop('logs', 3, 'gave_up')
  const health = () => healthOf(sources({ accounting, nowUnixMs: unixMsOf(clock) }))
  expect(health().problems).toEqual([
    'logs: items lost within the last minutes; in all: gave_up 3, refused_by_backend 1',
  ])
  await clock.advance(301_000)
  expect(health()).toMatchObject({
    status: 'ok',
    accounting: { logs: { dropped: { gave_up: 3 } } },
  })
})
