import { describe, expect, test } from 'vitest'
import { type AlertAction, AlertActionError, actOnAlert } from './act-on-alert.ts'
import { minute, SimulatedBook, simulatedRegression } from './simulated-regression.ts'

const finding = simulatedRegression()
const again = (id: string, more = {}) =>
  simulatedRegression({ id, onsetExecutionId: id, onsetUnixNs: minute(20), ...more })

function opened() {
  const story = new SimulatedBook()
  story.tell('opened', finding, { minutes: 1 })
  const alertId = story.book.open[0]?.alert.id ?? ''
  const act = (action: AlertAction['action'], more: Partial<AlertAction> = {}) =>
    actOnAlert(story.book, { alertId, action, nowUnixNs: minute(5), ...more }, story.context)
  return { story, act }
}

describe('what a user does', () => {
  test('an acknowledged alert ends by itself, and comes back acknowledged', () => {
    const { story, act } = opened()
    expect(act('acknowledge').finding.status).toBe('acknowledged')
    const [ended] = story.tell('resolved', finding, { minutes: 10 })
    expect(ended?.finding.status).toBe('resolved')
    const [back] = story.tell('opened', again('2'), { minutes: 20 })
    expect(back).toMatchObject({ change: 'updated', finding: { status: 'acknowledged' } })
  })

  test('a snooze ends in its time', () => {
    const { story, act } = opened()
    act('snooze', { untilUnixNs: minute(65) })
    expect(story.wait(64)).toEqual([])
    const [awake] = story.wait(65)
    expect(awake).toMatchObject({ change: 'updated', finding: { status: 'open' } })
    expect(awake?.finding.snoozedUntilUnixNs).toBeUndefined()
  })

  test('what a user ended is not opened by the same finding, but by a new one', () => {
    const { story, act } = opened()
    expect(act('resolve')).toMatchObject({ change: 'resolved', finding: { endedBy: 'user' } })
    expect(story.tell('updated', finding, { minutes: 6 })).toEqual([])
    expect(story.tell('opened', again('2'), { minutes: 20 })).toMatchObject([
      { change: 'updated', finding: { status: 'open', reopenedCount: 1 } },
    ])
  })

  test('everything can be taken back', () => {
    for (const action of ['acknowledge', 'snooze', 'resolve', 'false-positive'] as const) {
      const { story, act } = opened()
      act(action, { untilUnixNs: minute(60) })
      expect(act('reopen').finding).toMatchObject({
        state: 'open',
        status: 'open',
        reopenedCount: 0,
      })
      expect(story.book.calibrations).toEqual([])
      expect(story.book.falsePositiveCount).toBe(0)
      expect(story.book.open).toHaveLength(1)
    }
  })
})

describe('a verdict', () => {
  test('makes the same change of the same flow need more, up to a bound', () => {
    const { story, act } = opened()
    act('false-positive')
    story.tell('resolved', finding, { minutes: 6 })
    expect(story.book.falsePositiveCount).toBe(1)
    const [calibration] = story.book.calibrations
    expect(calibration).toMatchObject({ flowId: 'checkout', stepId: 'pay', metric: 'duration' })
    // Ten times the evidence, and an effect of 15 % at least.
    const weak = { minutes: 60, logEvidence: Math.log(90_000) }
    expect(story.tell('opened', again('2'), weak)).toEqual([])
    const small = again('3', { effect: { value: 0.2, low: 0.14, high: 0.3, n: 20 } })
    expect(story.tell('opened', small, { minutes: 60, logEvidence: 99 })).toEqual([])
    const strong = { minutes: 60, logEvidence: Math.log(110_000) }
    expect(story.tell('opened', again('4'), strong)).toHaveLength(1)
  })

  test('changes nothing for another flow', () => {
    const { story, act } = opened()
    act('false-positive')
    const other = simulatedRegression({ place: { flowId: 'refund', spanName: 'GET a' } })
    // Two flows are two hypotheses, whatever was said of one.
    const at = { minutes: 60, logEvidence: Math.log(20_000) }
    expect(story.tell('opened', other, at)).toMatchObject([{ change: 'opened' }])
  })

  test('on one that is over can be taken back as well', () => {
    const { story, act } = opened()
    story.tell('resolved', finding, { minutes: 4 })
    act('false-positive')
    expect(act('reopen').finding).toMatchObject({ state: 'resolved', status: 'resolved' })
    expect(story.book.calibrations).toEqual([])
  })
})

test.each([
  ['another alert', { alertId: 'nobody' }, 'unknown-alert'],
  ['a snooze without an end', { action: 'snooze' }, 'bad-time'],
  ['a snooze into the past', { action: 'snooze', untilUnixNs: minute(4) }, 'bad-time'],
  ['a snooze for ever', { action: 'snooze', untilUnixNs: minute(60 * 24 * 31) }, 'bad-time'],
  ['opening what is open', { action: 'reopen' }, 'wrong-state'],
] as const)('%s is refused and changes nothing', (_, more, reason) => {
  const { story, act } = opened()
  const before = structuredClone(story.book)
  const failure = caught(() => act('acknowledge', more))
  expect(failure).toBeInstanceOf(AlertActionError)
  expect(failure).toMatchObject({ reason })
  expect(story.book).toEqual(before)
})

test('what has ended can only be called false or taken back', () => {
  const { act } = opened()
  act('resolve')
  for (const action of ['acknowledge', 'snooze', 'resolve'] as const)
    expect(caught(() => act(action, { untilUnixNs: minute(9) }))).toMatchObject({
      reason: 'wrong-state',
      message: expect.stringMatching(
        /an alert that is open, acknowledged or snoozed, found .*resolved$/,
      ),
    })
  act('false-positive')
  expect(caught(() => act('false-positive'))).toMatchObject({
    reason: 'wrong-state',
    message: expect.stringContaining('an alert that was not called false before'),
  })
})

function caught(run: () => unknown): unknown {
  try {
    return run()
  } catch (error) {
    return error
  }
}
