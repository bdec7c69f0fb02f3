import { statSync } from 'node:fs'
import { progressBar } from '../progress.ts'
import type { Terminal } from '../terminal.ts'
import { inTimeOrder } from './in-time-order.ts'
import { type InputReader, type InputSummary, readInput } from './read-input.ts'

/** Which files, and who wants what is in them. */
export interface InputsRequest extends Pick<InputReader, 'take'> {
  readonly files: readonly string[]
  readonly terminal: Terminal
}

/** Reads all inputs in the order of their times, with a bar where somebody looks; summaries in the order given. */
export async function readInputs(request: InputsRequest): Promise<readonly InputSummary[]> {
  const { files, terminal, take } = request
  const progress = progressBar(terminal.err, {
    totalBytes: files.reduce((sum, file) => sum + sizeOf(file), 0),
    nowMs: () => performance.now(),
  })
  const inputs: InputSummary[] = []
  try {
    for (const file of await inTimeOrder(files)) {
      const onRead = (byteCount: number) => progress.add(byteCount)
      inputs.push(await readInput(file, { stdin: terminal.stdin, onRead, take }))
    }
  } finally {
    progress.clear()
  }
  const given = (input: InputSummary) => files.indexOf(input.name)
  return inputs.sort((a, b) => given(a) - given(b))
}

/** 0 where it is not known: a pipe, or a file that will be refused when it is read. */
function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}
