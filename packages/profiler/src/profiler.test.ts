import { readFileSync } from 'node:fs'
import { type DiagLogger, DiagLogLevel, diag, metrics } from '@opentelemetry/api'
import { logs } from '@opentelemetry/api-logs'
import type { AnalyzerChange } from '@qflow-otel/analyzer'
import { registry } from '@qflow-otel/semconv'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ManualRuntime } from './fixtures/manual-runtime.ts'
import { endSpans, profiled } from './fixtures/profiled.ts'
import { bottleneck, WrittenAnalyzer } from './fixtures/written-analyzer.ts'
import * as exported from './index.ts'
import { QflowProfiler } from './index.ts'
import { SCOPE_NAME, SCOPE_VERSION } from './scope.ts'

const opened: AnalyzerChange = { change: 'opened', finding: bottleneck }
const resolved: AnalyzerChange = {
  change: 'resolved',
  finding: { ...bottleneck, state: 'resolved' },
}

const fault: DiagLogger['error'] = vi.fn()

beforeEach(() => {
  vi.mocked(fault).mockClear()
  const ignore = () => undefined
  const logger = { error: fault, warn: ignore, info: ignore, debug: ignore, verbose: ignore }
  diag.setLogger(logger, { logLevel: DiagLogLevel.ALL, suppressOverrideMessage: true })
})

afterEach(() => {
  diag.disable()
  metrics.disable()
  logs.disable()
})

describe('findings', () => {
  test('leave as events of the registry', () => {
    const { analyzer, logExporter, runtime } = profiled()
    analyzer.next = [opened, resolved]
    runtime.advanceMs(1_000)
    const records = logExporter.getFinishedLogRecords()
    expect(records.map(({ eventName }) => eventName)).toEqual([
      'qflow.bottleneck.opened',
      'qflow.bottleneck.resolved',
    ])
    const [first] = records
    expect(first).toMatchObject({
      hrTime: [1_700_000_000, 123_456_789],
      severityNumber: 13,
      body: bottleneck.sentence,
      instrumentationScope: { name: SCOPE_NAME, version: SCOPE_VERSION },
      spanContext: undefined,
    })
    const registered = registry.events['qflow.bottleneck.opened']?.attributes ?? []
    for (const name of Object.keys(first?.attributes ?? {})) expect(registered).toContain(name)
    expect(first?.attributes['qflow.finding.effect.ratio']).toBe(0.31)
  })

  test('leave as metrics, and read 0 once resolved', async () => {
    const { analyzer, points, runtime } = profiled()
    const count = async () =>
      (await points()).find(({ name }) => name === 'qflow.bottleneck.count')?.value
    analyzer.next = [opened]
    runtime.advanceMs(1_000)
    expect(await points()).toContainEqual({
      name: 'qflow.bottleneck.share',
      value: 0.31,
      attributes: {
        'qflow.flow.id': 'pay',
        'qflow.step.id': 'charge',
        'qflow.phase': 'work',
        'qflow.finding.class': 'io',
      },
    })
    expect(await count()).toBe(1)
    analyzer.next = [resolved]
    runtime.advanceMs(1_000)
    expect(await count()).toBe(0)
  })

  test('use global providers that are set after the profiler was made', async () => {
    const { loggerProvider, meterProvider, logExporter, points } = profiled()
    const analyzer = new WrittenAnalyzer()
    const runtime = new ManualRuntime()
    const profiler = new QflowProfiler({ analyzer, runtime })
    runtime.advanceMs(1_000)
    metrics.setGlobalMeterProvider(meterProvider)
    logs.setGlobalLoggerProvider(loggerProvider)
    analyzer.next = [opened]
    runtime.advanceMs(1_000)
    expect(logExporter.getFinishedLogRecords()).toHaveLength(1)
    expect((await points()).map(({ name }) => name)).toContain('qflow.bottleneck.count')
    await profiler.shutdown()
  })

  test('reach the hook', () => {
    const onFinding = vi.fn()
    const { analyzer, runtime } = profiled({ onFinding })
    analyzer.next = [opened]
    runtime.advanceMs(1_000)
    expect(onFinding.mock.calls).toEqual([[opened]])
  })
})

describe('what goes wrong stays inside', () => {
  test.each([
    [
      'throws',
      () => {
        throw new Error('hook')
      },
    ],
    ['rejects', () => Promise.reject(new Error('hook'))],
  ])('a hook that %s is reported once', async (_how, onFinding) => {
    const { analyzer, logExporter, profiler, runtime } = profiled({ onFinding })
    analyzer.next = [opened, resolved]
    runtime.advanceMs(1_000)
    await Promise.resolve()
    expect(logExporter.getFinishedLogRecords()).toHaveLength(2)
    expect(fault).toHaveBeenCalledTimes(1)
    expect(profiler.losses().faults).toEqual({ onFinding: 2 })
  })

  test('an analyzer that throws costs its spans, by name', () => {
    const { analyzer, profiler, runtime, tracer } = profiled()
    analyzer.fault = new Error('bug')
    endSpans(tracer, 40)
    runtime.advanceMs(200)
    expect(profiler.losses().droppedSpans).toMatchObject({ analyzer_fault: 40 })
    expect(fault).toHaveBeenCalledTimes(1)
    analyzer.fault = undefined
    endSpans(tracer, 2)
    runtime.advanceMs(200)
    expect(analyzer.spans).toHaveLength(2)
  })

  test('a span that cannot be read is counted and the rest is kept', () => {
    const { analyzer, profiler, runtime, tracer } = profiled()
    const span = tracer.startSpan('odd')
    span.end()
    // A JavaScript caller may hand in anything.
    profiler.onEnd({ ...(span as never as object), startTime: [Number.NaN, 0] } as never)
    profiler.onStart({} as never)
    runtime.advanceMs(200)
    expect(analyzer.spans.map(({ name }) => name)).toEqual(['odd'])
    expect(profiler.losses().droppedSpans).toMatchObject({ unreadable_span: 1 })
  })

  test('a setting that makes no sense is refused with its name', () => {
    expect(() => profiled({ maxQueueSpanCount: 0 })).toThrow(/maxQueueSpanCount.*found 0/)
  })
})

describe('shutdown', () => {
  test('analyses what waits, emits, and lets go of timer and instruments', async () => {
    const { analyzer, logExporter, points, profiler, runtime, tracer } = profiled()
    runtime.advanceMs(1_000)
    endSpans(tracer, 50)
    analyzer.next = [opened]
    const done = profiler.shutdown()
    expect(analyzer.spans).toHaveLength(50)
    expect(analyzer.closeCount).toBe(1)
    expect(logExporter.getFinishedLogRecords()).toHaveLength(1)
    expect(runtime.timerCount).toBe(0)
    expect((await points()).map(({ name }) => name)).toContain('qflow.bottleneck.count')
    await done
    const read = vi.spyOn(analyzer, 'losses')
    await points()
    expect(read).not.toHaveBeenCalled()
    await profiler.shutdown()
    expect(analyzer.closeCount).toBe(1)
  })

  test('counts spans that come afterwards', async () => {
    const { analyzer, profiler, tracer } = profiled()
    await profiler.shutdown()
    endSpans(tracer, 2)
    await profiler.forceFlush()
    expect(analyzer.spans).toHaveLength(0)
    expect(profiler.losses().droppedSpans).toMatchObject({ after_shutdown: 2 })
  })

  test('in a hook leaves no timer behind', async () => {
    const made = profiled({ onFinding: () => made.profiler.shutdown() })
    made.analyzer.next = [opened]
    made.runtime.advanceMs(1_000)
    expect(made.runtime.timerCount).toBe(0)
  })

  test('forceFlush analyses what waits and keeps going', async () => {
    const { analyzer, profiler, runtime, tracer } = profiled()
    endSpans(tracer, 40)
    await profiler.forceFlush()
    expect(analyzer.spans).toHaveLength(40)
    expect(analyzer.closeCount).toBe(0)
    expect(runtime.timerCount).toBe(1)
  })
})

test('the package exports exactly these values', () => {
  expect(Object.keys(exported)).toEqual(['QflowProfiler'])
})

test('the scope has the version of the package', () => {
  const path = new URL('../package.json', import.meta.url)
  expect(JSON.parse(readFileSync(path, 'utf8')).version).toBe(SCOPE_VERSION)
})
