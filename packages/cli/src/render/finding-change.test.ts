import { expect, test } from 'vitest'
import { paint } from '../text/paint.ts'
import { findingChangesLines } from './finding-change.ts'
import { placeName } from './place-name.ts'
import { sampleReport } from './sample-report.ts'

type Change = Parameters<typeof findingChangesLines>[0][number]['change']

const shown = (width: number | undefined, change: Change = 'opened') =>
  paint(
    findingChangesLines(
      sampleReport.findings.map((finding) => ({ change, finding })),
      { width },
    ),
    { colour: false },
  )

test('in a file each change is one line, and so is what follows from it', async () => {
  await expect(shown(undefined)).toMatchFileSnapshot('golden/live-file.txt')
  const timed = shown(undefined)
    .split('\n')
    .filter((line) => /^\d/.test(line))
  expect(timed.map((line) => line.slice(10, 30).trim())).toEqual([
    'opened   bottleneck',
    'opened   regression',
  ])
})

test('on a terminal it wraps under itself', async () => {
  await expect(shown(80)).toMatchFileSnapshot('golden/live-80.txt')
  expect(
    shown(80)
      .split('\n')
      .filter((line) => line.length > 80),
  ).toEqual([])
})

test('what is over is said without its cause, traces and advice', async () => {
  await expect(shown(80, 'resolved')).toMatchFileSnapshot('golden/live-resolved-80.txt')
})

test('new evidence repeats no advice', () => {
  expect(shown(80, 'updated')).not.toMatch(/→|traces/)
})

test('advice stands beneath its finding, whatever was listed between', () => {
  const [bottleneck, regression, advice] = sampleReport.findings
  if (!bottleneck || !regression || !advice) throw new Error('the sample has three findings')
  const changes = [regression, bottleneck, advice].map((finding) => ({
    change: 'opened' as const,
    finding,
  }))
  const text = paint(findingChangesLines(changes, { width: undefined }), { colour: false })
  const starts = text.split('\n').map((line) => /bottleneck|regression|traces|→/.exec(line)?.[0])
  expect(starts).toEqual(['regression', 'traces', '→', 'bottleneck', undefined])
})

test('advice alone says when and for which flow', () => {
  const changes = sampleReport.findings
    .filter(({ kind }) => kind === 'recommendation')
    .map((finding) => ({ change: 'opened' as const, finding }))
  const text = paint(findingChangesLines(changes, { width: undefined }), { colour: false })
  expect(text).toMatch(/^\d\d:\d\d:\d\dZ opened {3}advice {6}order-fulfilment: Look at/)
})

test('places that found no room are the rest', () => {
  expect(placeName({ stepId: '_OTHER' })).toBe('the rest')
})
