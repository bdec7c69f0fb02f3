import { expect, test } from 'vitest'
import { paint } from '../text/paint.ts'
import { findingChangeLines } from './finding-change.ts'
import { sampleReport } from './sample-report.ts'

const shown = (width: number | undefined) =>
  sampleReport.findings
    .map((finding) =>
      paint(findingChangeLines({ change: 'opened', finding }, { width }), { colour: false }),
    )
    .join('')

test('in a file each change is one line', async () => {
  await expect(shown(undefined)).toMatchFileSnapshot('golden/live-file.txt')
  expect(shown(undefined).trimEnd().split('\n')).toHaveLength(sampleReport.findings.length)
})

test('on a terminal it wraps under itself', async () => {
  await expect(shown(80)).toMatchFileSnapshot('golden/live-80.txt')
})
