import { type InputSummary, problemSentences } from '../input/read-input.ts'
import { complain, complaintLayout, type Terminal } from '../terminal.ts'
import { piece } from '../text/line.ts'
import { wrapped } from '../text/wrapped.ts'

/** What could not be used, on the standard error: the report may be going to a file. */
export function reportProblems(inputs: readonly InputSummary[], terminal: Terminal): void {
  complainInWords(inputs.flatMap(problemSentences), terminal)
}

/** A sentence each, on the standard error. */
export function complainInWords(sentences: readonly string[], terminal: Terminal): void {
  const { width } = complaintLayout(terminal)
  const mark = [piece('qflow-otel: ', 'bad')]
  complain(
    terminal,
    sentences.flatMap((text) => wrapped({ text, width, indent: 12, mark })),
  )
}
