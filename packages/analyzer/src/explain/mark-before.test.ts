import { expect, test } from 'vitest'
import type { MarkCause, PlaceCause } from '../detect/cause.ts'
import { markBeforeWords } from './mark-before.ts'

const SECOND = 1_000_000_000n
const onsetUnixNs = 10_000n * SECOND
const mark = (secondsBefore: number, text = 'payment client 2.4 rolled out') => ({
  tenant: 'default',
  flowId: undefined,
  unixNs: onsetUnixNs - BigInt(Math.round(secondsBefore * 1e9)),
  text,
})
// Only the kind is looked at.
const place = { kind: 'place' } as PlaceCause
const proven = { kind: 'mark' } as MarkCause

test.each([
  ['shortly before', [mark(1.06)], '; 1.06 s before it began: "payment client 2.4 rolled out"'],
  [
    'the last of several',
    [mark(300, 'first'), mark(2, 'second')],
    '; 2 s before it began: "second"',
  ],
  ['after it', [mark(-1)], ''],
  ['before and after it', [mark(3, 'first'), mark(-1)], '; 3 s before it began: "first"'],
  ['long before', [mark(601)], ''],
  ['none', [], ''],
])('a mark: %s', (_, marks, words) => {
  expect(markBeforeWords(marks, { onsetUnixNs, causes: [place] })).toBe(words)
  expect(markBeforeWords(marks, { onsetUnixNs, causes: [] })).toBe(words)
})

test('nothing beside a cause that was shown', () => {
  expect(markBeforeWords([mark(1)], { onsetUnixNs, causes: [proven, place] })).toBe('')
})
