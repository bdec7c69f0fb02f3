import { expect, test } from 'vitest'
import { buildExecution } from '../trace/build-execution.ts'
import type { Execution } from '../trace/execution.ts'
import { spanRecord } from '../trace/trace-diagram.ts'
import { criticalPath } from './critical-path.ts'
import { durationWithout } from './resimulate.ts'

const MS_NS = 1_000_000

/** One step of 50 ms from 0.3 ms on, and calls in it; all times in ms. */
function stepWith(calls: Readonly<Record<string, readonly [number, number]>>): Execution {
  const own = [['qflow.execution.id', 'e'] as const]
  const bars = { startNs: 0.3 * MS_NS, endNs: 50.3 * MS_NS }
  const step = [...own, ['qflow.step.id', 'a'] as const, ['qflow.step.phase.work', 0.05] as const]
  const records = [
    spanRecord({ spanId: '1', name: 'execute_flow f', attributes: own, ...bars }),
    spanRecord({
      spanId: '2',
      parentSpanId: '1',
      name: 'execute_step a',
      attributes: step,
      ...bars,
    }),
    ...Object.entries(calls).map(([name, [startMs, endMs]], index) =>
      spanRecord({
        spanId: `${3 + index}`,
        parentSpanId: '2',
        name: `GET /${name}`,
        startNs: startMs * MS_NS,
        endNs: endMs * MS_NS,
      }),
    ),
  ]
  return buildExecution({ tenant: 't', executionId: 'e', records })
}

function shown(execution: Execution): string[] {
  return criticalPath(execution).map(({ spanIndex, startNs, endNs }) => {
    const name = execution.spans[spanIndex ?? -1]?.name.replace('execute_step ', '')
    const atMs = (ns: number) => ns / MS_NS + 0.3
    return `${name} ${atMs(startNs).toFixed(1)}-${atMs(endNs).toFixed(1)}`
  })
}

const GET_A = { spanName: 'GET /a' }

test('a call stamped up to 1 ms too early comes after the one whose end it waited for', () => {
  const execution = stepWith({ a: [1, 20.8], b: [20, 49] })
  expect(shown(execution)).toEqual([
    'a 0.3-1.0',
    'GET /a 1.0-20.8',
    'GET /b 20.8-49.0',
    'a 49.0-50.3',
  ])
  expect(durationWithout(execution, GET_A)).toBe((50 - 19.8) * MS_NS)
})

test('calls side by side stay side by side', () => {
  const execution = stepWith({ a: [1, 20.8], b: [1, 49], c: [19, 30] })
  expect(shown(execution)).toEqual(['a 0.3-1.0', 'GET /b 1.0-49.0', 'a 49.0-50.3'])
})

test('a precise clock is believed', () => {
  const execution = stepWith({ a: [1, 20.8], b: [20.1, 49] })
  expect(shown(execution)).toEqual(['a 0.3-20.1', 'GET /b 20.1-49.0', 'a 49.0-50.3'])
})

test('a call that would start after its end takes no time, and rows stay in order of start', () => {
  const execution = stepWith({ a: [1, 20.8], b: [20, 20.4], c: [20, 49], d: [20.5, 48] })
  expect(shown(execution)).toEqual(['a 0.3-20.5', 'GET /c 20.5-49.0', 'a 49.0-50.3'])
})
