import { expect, test } from 'vitest'
import { memoryTerminal } from './memory-terminal.ts'
import { MIN_PROGRESS_BYTES, progressBar } from './progress.ts'

const totalBytes = 2 * MIN_PROGRESS_BYTES

function drawn(options: { isTty: boolean; totalBytes: number }): string {
  const { err, errText } = memoryTerminal({ isTty: options.isTty })
  let nowMs = 0
  const progress = progressBar(err, { totalBytes: options.totalBytes, nowMs: () => nowMs })
  for (let at = 0; at < 16; at++) {
    nowMs += 30
    progress.add(1024 * 1024)
  }
  progress.clear()
  return errText()
}

test('a bar on a terminal, drawn at most ten times a second and taken away at the end', () => {
  const text = drawn({ isTty: true, totalBytes })
  expect(text.split('\r').slice(1)).toEqual([
    'reading ██████░░░░░░░░░░░░░░░░░░   25 %  4.0 MiB of 16.0 MiB, 33.3 MiB/s\x1b[K',
    'reading ████████████░░░░░░░░░░░░   50 %  8.0 MiB of 16.0 MiB, 33.3 MiB/s\x1b[K',
    'reading ██████████████████░░░░░░   75 %  12.0 MiB of 16.0 MiB, 33.3 MiB/s\x1b[K',
    'reading ████████████████████████  100 %  16.0 MiB of 16.0 MiB, 33.3 MiB/s\x1b[K',
    '\x1b[K',
  ])
})

test('nothing where nobody sees it, and nothing for small input', () => {
  expect(drawn({ isTty: false, totalBytes })).toBe('')
  expect(drawn({ isTty: true, totalBytes: MIN_PROGRESS_BYTES })).toBe('')
})
