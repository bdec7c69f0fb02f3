import { expect, test } from 'vitest'
import { sampleReport } from '../render/sample-report.ts'
import { findingChanges } from './finding-changes.ts'

const [finding] = sampleReport.findings
if (finding === undefined) throw new Error('the sample has findings')
const later = { ...finding, updatedUnixNs: '1795471999000000000' }
const resolved = { ...later, state: 'resolved' as const }

test.each([
  ['new', [], [finding], ['opened']],
  ['the same', [finding], [finding], []],
  ['new evidence', [finding], [later], ['updated']],
  ['gone', [finding], [resolved], ['resolved']],
  ['still gone', [resolved], [resolved], []],
  ['back', [resolved], [later], ['opened']],
  ['resolved before it was ever seen', [], [resolved], []],
])('%s', (_name, before, after, changes) => {
  expect(findingChanges(before, after).map(({ change }) => change)).toEqual(changes)
})
