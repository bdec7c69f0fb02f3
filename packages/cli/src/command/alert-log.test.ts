import type { Alert, Finding, Plain, Recommendation } from '@qflow-otel/analyzer'
import { expect, test } from 'vitest'
import { sampleReport } from '../render/sample-report.ts'
import { paint } from '../text/paint.ts'
import { AlertLog } from './alert-log.ts'

const [, regression, advice] = sampleReport.findings
if (regression?.kind !== 'regression' || advice?.kind !== 'recommendation')
  throw new Error('the sample has a regression and its advice')

const alert: Plain<Alert> = {
  ...regression,
  kind: 'alert',
  id: '4f9d3c1a2b5e6f704f9d3c1a2b5e6f70',
  status: 'open',
  cause: { kind: 'dependency', name: 'POST payments.example' },
  sentence: `dependency POST payments.example: ${regression.sentence}`,
  flowIds: [regression.place.flowId],
  findingIds: [regression.id],
  snoozedUntilUnixNs: undefined,
  reopenedCount: 0,
  endedBy: undefined,
}
const adviceFor: Plain<Recommendation> = { ...advice, forFindingIds: [regression.id] }
const over: Plain<Alert> = { ...alert, state: 'resolved', status: 'resolved', endedBy: 'recovery' }

type Told = 'opened' | 'updated' | 'resolved'

function said(
  log: AlertLog,
  changes: readonly (readonly [Told, Plain<Finding> | Plain<Alert>])[],
  width?: number,
): string {
  // A change pairs a word with either kind of finding; the two unions are spelled out here.
  const all = changes.map(([change, finding]) => ({ change, finding })) as Parameters<
    AlertLog['lines']
  >[0]
  return paint(log.lines(all, { width }), { colour: false })
}

test('an alert is one line in a file, with what follows from it', async () => {
  const text = said(new AlertLog(), [
    ['opened', regression],
    ['opened', alert],
    ['opened', adviceFor],
  ])
  await expect(text).toMatchFileSnapshot('../render/golden/live-file.txt')
  expect(text.split('\n').filter((line) => /^\d/.test(line))).toHaveLength(1)
})

test('on a terminal it wraps under itself', async () => {
  const text = said(
    new AlertLog(),
    [
      ['opened', alert],
      ['opened', adviceFor],
    ],
    80,
  )
  await expect(text).toMatchFileSnapshot('../render/golden/live-80.txt')
  expect(text.split('\n').filter((line) => line.length > 80)).toEqual([])
})

test('that it is over is said without its cause, traces and advice', async () => {
  const log = new AlertLog()
  said(log, [['opened', alert]])
  await expect(said(log, [['resolved', over]], 80)).toMatchFileSnapshot(
    '../render/golden/live-resolved-80.txt',
  )
})

test('advice is said once: beneath its alert, or when it comes after', () => {
  const before = new AlertLog()
  // It stood before, for a bottleneck, and is now for the regression as well.
  expect(said(before, [['opened', advice]])).toBe('')
  expect(said(before, [['updated', adviceFor]])).toBe('')
  expect(said(before, [['opened', alert]])).toContain('→')
  expect(said(before, [['updated', adviceFor]])).toBe('')
  const after = new AlertLog()
  expect(said(after, [['opened', alert]])).not.toContain('→')
  expect(said(after, [['opened', adviceFor]])).toContain('→')
  expect(said(after, [['opened', { ...adviceFor, id: 'again' }]])).toBe('')
})

test('findings without an alert, new figures and what a user did are no news', () => {
  const log = new AlertLog()
  expect(
    said(
      log,
      sampleReport.findings.map((finding) => ['opened', finding] as const),
    ),
  ).toBe('')
  said(log, [['opened', alert]])
  expect(said(log, [['updated', { ...alert, severity: 'critical' }]])).toBe('')
  expect(said(log, [['updated', { ...alert, status: 'acknowledged' }]])).toBe('')
  expect(said(log, [['resolved', { ...over, endedBy: 'user' }]])).toBe('')
})

test('one that comes back, or has another cause, is', () => {
  const log = new AlertLog()
  said(log, [['opened', alert]])
  const host = { ...alert, cause: { kind: 'host', name: 'host' } as const }
  expect(said(log, [['updated', host]])).toMatch(/Z cause {4}4f9d3c1a /)
  said(log, [['resolved', over]])
  expect(said(log, [['updated', { ...host, reopenedCount: 1 }]])).toMatch(/Z again {4}4f9d3c1a /)
})
