import { describe, expect, test } from 'vitest'
import { minute, SimulatedBook, simulatedRegression } from './simulated-regression.ts'
import { stepBook } from './step-book.ts'

const of = (flowId: string, more = {}) => simulatedRegression({ place: { flowId }, ...more })

const traffic = (flowId: string, minutes: number) =>
  simulatedRegression({
    class: 'traffic',
    metric: 'throughput',
    place: { flowId, stepId: undefined, phase: undefined, spanName: undefined },
    onsetUnixNs: minute(minutes),
  })

/** Validation of all steps, most of it in one of them. */
const validation = (id: string, mainStepId: string, more = {}) =>
  simulatedRegression({
    id,
    mainStepId,
    class: 'validation',
    place: { flowId: 'a', stepId: undefined, phase: 'validation', spanName: undefined },
    ...more,
  })

describe('which findings are one', () => {
  test.each([
    ['one dependency in two flows', of('a'), of('b'), 1],
    [
      'two dependencies',
      of('a'),
      simulatedRegression({ place: { flowId: 'b', spanName: 'GET stock.example' } }),
      2,
    ],
    [
      'another metric of the same step at the same time',
      of('a'),
      simulatedRegression({
        id: 'cpu',
        class: 'cpu',
        place: { flowId: 'a', spanName: undefined },
        onsetUnixNs: minute(0.5),
      }),
      1,
    ],
    [
      'the same flow as a whole at the same time',
      of('a'),
      simulatedRegression({
        id: 'whole',
        place: { flowId: 'a', stepId: undefined, phase: undefined, spanName: undefined },
      }),
      1,
    ],
    [
      'a phase of all steps, most of it in the same one, hours later',
      validation('first', 'pack'),
      validation('second', 'pack', { onsetUnixNs: minute(300) }),
      1,
    ],
    [
      'a phase of all steps, and that of the step with most of it',
      validation('first', 'pack'),
      simulatedRegression({
        id: 'second',
        class: 'validation',
        place: { flowId: 'a', stepId: 'pack', phase: 'validation', spanName: undefined },
        onsetUnixNs: minute(300),
      }),
      1,
    ],
    [
      'a phase of all steps twice, most of it in others',
      validation('first', 'pack'),
      validation('second', 'ship', { onsetUnixNs: minute(300) }),
      2,
    ],
    ['traffic of two flows that goes at once', traffic('a', 5), traffic('b', 8), 1],
    ['traffic of two flows that goes at other times', traffic('a', 5), traffic('b', 40), 2],
    [
      'another step of the same flow',
      of('a'),
      simulatedRegression({
        id: 'other',
        place: { flowId: 'a', stepId: 'pack', spanName: undefined },
      }),
      2,
    ],
    [
      'the same step hours later, of another nature',
      of('a'),
      simulatedRegression({
        id: 'later',
        place: { flowId: 'a', spanName: undefined },
        onsetUnixNs: minute(200),
      }),
      2,
    ],
  ])('%s', (_, first, second, count) => {
    const story = new SimulatedBook()
    story.tell('opened', first, { minutes: 1 })
    story.tell('opened', second, { minutes: 2 })
    expect(story.book.open).toHaveLength(count)
  })

  test('an improvement and a bottleneck are none', () => {
    const story = new SimulatedBook()
    expect(story.tell('opened', of('a', { direction: 'improvement' }), { minutes: 1 })).toEqual([])
    expect(story.book.open).toEqual([])
  })

  test('flows that were told of before the machine was seen to be slow become its alert', () => {
    let isHost = false
    const story = new SimulatedBook({
      isBroad: () => true,
      causeOf: ({ place }) =>
        isHost ? { kind: 'host', name: 'host' } : { kind: 'step', name: place.flowId },
    })
    story.tell('opened', of('a'), { minutes: 1 })
    story.tell('opened', of('b'), { minutes: 1.1 })
    expect(story.book.open).toHaveLength(2)
    isHost = true
    const changes = story.tell('opened', of('c'), { minutes: 1.2 })
    const [alert, ...others] = story.book.open.map((record) => record.alert)
    expect(others).toEqual([])
    expect(alert).toMatchObject({ cause: { kind: 'host' }, flowIds: ['a', 'b', 'c'] })
    expect(changes.map(({ change }) => change)).toContain('resolved')
    expect(story.book.ended.map((record) => record.alert.endedBy)).toEqual(['merge'])
    // Those who moved end with the alert that they moved to.
    for (const flowId of ['a', 'b', 'c']) story.tell('resolved', of(flowId), { minutes: 9 })
    expect(story.book.open).toEqual([])
  })
})

describe('how much has to speak for it', () => {
  test('one of many flows needs more than one alone, and fresh executions may bring it', () => {
    const story = new SimulatedBook()
    story.watch(100)
    expect(story.tell('opened', of('a'), { minutes: 1 })).toEqual([])
    const evidence = (times: number) => ({
      kind: 'evidence' as const,
      unixNs: minute(1),
      findingId: of('a').id,
      logEvidence: Math.log(10_000 * times),
    })
    expect(stepBook(story.book, evidence(99), story.context)).toEqual([])
    const [opened] = stepBook(story.book, evidence(100), story.context)
    expect(opened).toMatchObject({ change: 'opened', finding: { flowIds: ['a'] } })
  })

  test('many at once need no more than each alone', () => {
    const story = new SimulatedBook()
    story.watch(4)
    for (const flowId of ['a', 'b', 'c'])
      expect(story.tell('opened', of(flowId), { minutes: 1 })).toEqual([])
    const changes = story.tell('opened', of('d'), { minutes: 1 })
    expect(changes.map(({ change }) => change)).toEqual(['opened', 'updated', 'updated'])
    expect(story.book.open[0]?.alert.flowIds).toEqual(['a', 'b', 'c', 'd'])
  })
})

test('another problem of the same step, just after the first is over, is another alert', () => {
  const story = new SimulatedBook()
  const slow = simulatedRegression({ place: { flowId: 'a', spanName: undefined } })
  story.tell('opened', slow, { minutes: 1 })
  story.tell('resolved', slow, { minutes: 1.2 })
  const waiting = simulatedRegression({
    id: 'waiting',
    class: 'resource-wait',
    place: { flowId: 'a', phase: 'resource_wait', spanName: undefined },
    onsetUnixNs: minute(1.3),
  })
  expect(story.tell('opened', waiting, { minutes: 1.5 })).toMatchObject([{ change: 'opened' }])
})

describe('its life', () => {
  test('ends with the last of its findings', () => {
    const story = new SimulatedBook()
    story.tell('opened', of('a'), { minutes: 1 })
    story.tell('opened', of('b'), { minutes: 2 })
    expect(story.tell('resolved', of('a'), { minutes: 3 })).toEqual([])
    const [ended] = story.tell('resolved', of('b'), { minutes: 4 })
    expect(ended).toMatchObject({
      change: 'resolved',
      finding: { state: 'resolved', status: 'resolved', endedBy: 'recovery' },
    })
  })

  test.each([
    [29, 1],
    [31, 2],
  ])('%i minutes after its end it counts as %i', (minutes, count) => {
    const story = new SimulatedBook()
    story.tell('opened', of('a'), { minutes: 1 })
    story.tell('resolved', of('a'), { minutes: 2 })
    const again = of('a', {
      id: 'again',
      onsetExecutionId: 'later',
      onsetUnixNs: minute(2 + minutes),
    })
    const [change] = story.tell('opened', again, { minutes: 2 + minutes })
    expect(change?.change).toBe(count === 1 ? 'updated' : 'opened')
    const ids = [...story.book.open, ...story.book.ended].map(({ alert }) => alert.id)
    expect(new Set(ids).size).toBe(count)
  })

  test('a third end is told only when it stays calm', () => {
    const story = new SimulatedBook()
    let ends = 0
    for (let turn = 0; turn < 5; turn += 1) {
      const finding = of('a', { id: `turn-${turn}`, onsetExecutionId: `${turn}` })
      story.tell('opened', finding, { minutes: 10 * turn })
      const told = story.tell('resolved', finding, { minutes: 10 * turn + 5 })
      ends += told.filter(({ change }) => change === 'resolved').length
    }
    expect(ends).toBe(2)
    expect(story.book.open[0]?.alert).toMatchObject({ state: 'open', reopenedCount: 4 })
    expect(story.wait(74)).toEqual([])
    expect(story.wait(75).map(({ change }) => change)).toEqual(['resolved'])
  })

  test('says again when it weighs more, and not when only figures move', () => {
    const story = new SimulatedBook()
    story.tell('opened', of('a'), { minutes: 1 })
    expect(story.tell('updated', of('a', { sentence: 'more' }), { minutes: 2 })).toEqual([])
    expect(story.book.open[0]?.alert.sentence).toContain('more')
    const [change] = story.tell('updated', of('a', { severity: 'high' }), { minutes: 3 })
    expect(change).toMatchObject({ change: 'updated', finding: { severity: 'high' } })
  })

  test('keeps what was told while its figures show no change, on the way back', () => {
    const story = new SimulatedBook()
    story.tell('opened', of('a', { sentence: '50 % slower' }), { minutes: 1 })
    const between = { value: 0.03, low: -0.5, high: 1.2, n: 10 }
    const back = of('a', { sentence: '3 % slower', effect: between, severity: 'low' })
    expect(story.tell('updated', back, { minutes: 2 })).toEqual([])
    const [change] = story.tell('resolved', back, { minutes: 3 })
    expect(change).toMatchObject({ change: 'resolved' })
    expect(change?.finding.sentence).toContain('50 % slower')
    expect(change?.finding.effect).not.toEqual(between)
  })

  test('is bounded, and what found no room is counted', () => {
    const story = new SimulatedBook()
    for (let index = 0; index < 230; index += 1) {
      const place = { flowId: `flow-${index}`, spanName: `GET ${index}` }
      story.tell('opened', simulatedRegression({ place }), { minutes: 1 })
    }
    expect(story.book.open).toHaveLength(200)
    expect(story.context.counters).toEqual({ alert_limit: 30 })
  })
})
