import { expect, test } from 'vitest'
import type { AnalyzerChange } from './analyzer.ts'
import { createAnalyzer } from './create-analyzer.ts'
import type { HeapReading } from './otlp/heap-reading.ts'
import { plain } from './plain.ts'
import { normal, randomStream } from './stats/random-stream.ts'

const START = 1_767_600_000_000_000_000n
const MINUTE = 60_000_000_000n
const MB = 2 ** 20

test('a process that leaks is a regression of memory and an alert, each told once, and over when it stops', () => {
  const changes = feed(createAnalyzer(), {
    hours: 20,
    levelMb: (hours) => 100 + 20 * Math.min(hours, 8),
  }).changes
  const of = (kind: string) =>
    changes.filter(({ finding }) => finding.kind === kind).map(({ change }) => change)
  expect(of('regression').filter((change) => change !== 'updated')).toEqual(['opened', 'resolved'])
  expect(of('alert').filter((change) => change !== 'updated')).toEqual(['opened', 'resolved'])
})

test('the finding names process, pace, levels and the hour of the limit', () => {
  const { analyzer } = feed(createAnalyzer(), { hours: 6, levelMb: (hours) => 100 + 20 * hours })
  const [leak] = analyzer.findings('default')
  expect(leak).toMatchObject({
    kind: 'regression',
    metric: 'memory',
    direction: 'regression',
    class: 'memory',
    severity: 'medium',
    place: { flowId: 'shop', process: { serviceName: 'shop', instanceId: 'a1' } },
    level: { unit: 'bytes' },
  })
  expect(leak?.sentence).toMatch(
    /^heap of process shop \(a1\) grows by [\d.]+ MiB an hour .*not before 2026-01-0\d \d\d:\d\d UTC, not after/,
  )
  expect(analyzer.alerts('default').alerts[0]?.cause).toEqual({
    kind: 'process',
    name: 'shop (a1)',
  })
})

test('an open leak has the figures of the newest look, whatever was told', () => {
  const { analyzer, changes } = feed(createAnalyzer(), {
    hours: 12,
    levelMb: (hours) => 100 + 20 * hours,
  })
  const told = changes.findLast(({ finding }) => finding.kind === 'regression')?.finding
  const [open] = analyzer.findings('default')
  expect(open?.id).toBe(told?.id)
  expect(open?.updatedUnixNs).toBeGreaterThan(told?.updatedUnixNs ?? 0n)
})

test('a heap that begins next to nothing has figures that are numbers', () => {
  const { analyzer } = feed(createAnalyzer(), { hours: 4, levelMb: (hours) => 50 * hours })
  const [leak] = analyzer.findings('default')
  if (leak?.kind !== 'regression') throw new Error('expected a leak, found none')
  for (const figure of [leak.effect.value, leak.level.before, leak.level.after])
    expect(Number.isFinite(figure)).toBe(true)
  expect(leak.effect.value).toBeGreaterThan(1)
})

test('a healthy process is in the report and in no finding', () => {
  const { analyzer, changes } = feed(createAnalyzer(), {
    hours: 12,
    levelMb: (hours) => 100 + 60 * ((2 * hours) % 1),
  })
  expect(changes).toEqual([])
  expect(analyzer.report().processes).toMatchObject([
    { tenant: 'default', serviceName: 'shop', instanceId: 'a1', heapLimitBytes: 1_024 * MB },
  ])
})

test('a process that says nothing for an hour is gone, and its leak with it', () => {
  const { analyzer } = feed(createAnalyzer(), { hours: 6, levelMb: (hours) => 100 + 20 * hours })
  const changes = analyzer.advance(START + 500n * MINUTE)
  expect(changes.map(({ change, finding }) => [finding.kind, change])).toContainEqual([
    'regression',
    'resolved',
  ])
  expect(analyzer.report().processes).toEqual([])
})

test('tenants, and processes beyond the bound, are kept apart and counted', () => {
  const analyzer = createAnalyzer()
  for (let number = 0; number < 300; number += 1) {
    const one = { ...reading(0, 100), process: { serviceName: 'shop', instanceId: `${number}` } }
    analyzer.noteHeaps([one], { tenant: number % 2 === 0 ? 'a' : 'b', nowUnixNs: START })
  }
  expect(analyzer.report('a').processes).toHaveLength(128)
  expect(analyzer.losses().unjudged).toEqual({ process_limit: 44 })
})

test('a reading that is older than the last is counted and left out', () => {
  const analyzer = createAnalyzer()
  const at = { nowUnixNs: START + 10n * MINUTE }
  analyzer.noteHeaps([reading(5, 100), reading(3, 200), reading(6, 300)], at)
  expect(analyzer.losses().unjudged).toEqual({ heap_reading_late: 1 })
})

test('a restored analyzer goes on with the leak that it knew', () => {
  const levelMb = (hours: number) => 100 + 20 * hours
  const whole = feed(createAnalyzer(), { hours: 8, levelMb })
  const first = feed(createAnalyzer(), { hours: 4, levelMb })
  const snapshot = JSON.parse(JSON.stringify(first.analyzer.snapshot()))
  const second = feed(createAnalyzer({}, snapshot), { hours: 8, levelMb, fromHours: 4 })
  expect(plain([...first.changes, ...second.changes])).toEqual(plain(whole.changes))
  expect(plain(second.analyzer.findings())).toEqual(plain(whole.analyzer.findings()))
})

test('without detection nothing is told', () => {
  const analyzer = createAnalyzer({ enableDetection: false })
  expect(feed(analyzer, { hours: 6, levelMb: (hours) => 100 + 20 * hours }).changes).toEqual([])
  expect(analyzer.findings()).toEqual([])
})

function reading(minute: number, levelMb: number): HeapReading {
  const noise = 1 + 0.02 * normal(randomStream(minute))
  return {
    process: { serviceName: 'shop', instanceId: 'a1' },
    unixNs: START + BigInt(minute) * MINUTE,
    usedBytes: Math.round(levelMb * MB * noise),
    limitBytes: 1_024 * MB,
  }
}

/** One collection a minute, told as it comes. */
function feed(
  analyzer: ReturnType<typeof createAnalyzer>,
  shape: { hours: number; levelMb: (hours: number) => number; fromHours?: number },
) {
  const { hours, levelMb, fromHours = 0 } = shape
  const changes: AnalyzerChange[] = []
  for (let minute = fromHours * 60; minute < hours * 60; minute += 1) {
    const nowUnixNs = START + BigInt(minute + 1) * MINUTE
    analyzer.noteHeaps([reading(minute, levelMb(minute / 60))], { nowUnixNs })
    changes.push(...analyzer.advance(nowUnixNs))
  }
  return { analyzer, changes }
}
