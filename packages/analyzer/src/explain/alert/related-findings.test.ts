import { expect, test } from 'vitest'
import type { Bottleneck, Recommendation } from '../../detect/finding.ts'
import type { Alert } from './alert.ts'
import { relatedFindings } from './related-findings.ts'
import { minute, SimulatedBook, simulatedRegression } from './simulated-regression.ts'

const speedup = { value: 0.41, low: 0.37, high: 0.45, n: 30 }

function bottleneckAt(minutes: number): Bottleneck {
  const { direction, metric, effect, level, onsetExecutionId, onsetUnixNs, ...shared } =
    simulatedRegression()
  const { contributions, causes, ...base } = shared
  const savedMs = { ...speedup, value: 41 }
  const own = { id: 'slow', updatedUnixNs: minute(minutes), speedup, savedMs }
  return { ...base, ...own, kind: 'bottleneck' }
}

const { speedup: _speedup, savedMs: _savedMs, ...shared } = bottleneckAt(0)
const advice: Recommendation = {
  ...shared,
  kind: 'recommendation',
  id: 'advice',
  action: 'speed-up-dependency',
  advice: 'Make it faster',
  predictedGain: speedup,
  assumptions: [],
  forFindingIds: ['slow'],
}

function openAlert(): Alert {
  const book = new SimulatedBook()
  book.watch(1)
  const [opened] = book.tell('opened', simulatedRegression(), { minutes: 1 })
  if (opened === undefined) throw new Error('expected an alert')
  return opened.finding
}

test('advice for a bottleneck stands beside an alert once it rests on executions of since', () => {
  const own = simulatedRegression()
  const idsWith = (bottleneck: Bottleneck, what = advice) =>
    relatedFindings(openAlert(), [own, bottleneck, what]).map(({ id }) => id)
  expect(idsWith(bottleneckAt(0.5))).toEqual([own.id, 'slow'])
  expect(idsWith(bottleneckAt(2))).toEqual([own.id, 'slow', 'advice'])
  const forBoth = { ...advice, forFindingIds: [own.id, 'slow'] }
  expect(idsWith(bottleneckAt(0.5), forBoth)).toEqual([own.id, 'slow', 'advice'])
})

test('a bottleneck over all steps lies where one step of it became slower', () => {
  const place = { phase: 'validation' as const, spanName: undefined }
  const inStep = simulatedRegression({ place: { ...place, stepId: 'pay' } })
  const whole = { ...bottleneckAt(2), place: { ...inStep.place, stepId: undefined } }
  expect(relatedFindings(openAlert(), [inStep, whole]).map(({ id }) => id)).toContain('slow')
  const inAll = { ...inStep, place: { ...inStep.place, stepId: undefined } }
  const one = { ...bottleneckAt(2), place: inStep.place }
  expect(relatedFindings(openAlert(), [inAll, one]).map(({ id }) => id)).toContain('slow')
  const other = { ...one, place: { ...one.place, phase: 'ledger' as const } }
  expect(relatedFindings(openAlert(), [inAll, other]).map(({ id }) => id)).not.toContain('slow')
})
