import { MAX_DOCUMENT_BYTES, mib } from './byte-stream.ts'
import { InputError } from './input-error.ts'

/** A line without its end; lines count from 1, bytes from 0. */
export interface NumberedLine {
  readonly text: string
  readonly lineNumber: number
  readonly byteOffset: number
}

const LINE_FEED = 0x0a

/** Lines of UTF-8 text from chunks cut anywhere; memory is bounded by the longest line. */
export async function* readLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<NumberedLine> {
  let lineNumber = 1
  let byteOffset = 0
  let pending: Buffer[] = []
  let pendingBytes = 0
  for await (const chunk of chunks) {
    let start = 0
    for (;;) {
      const end = chunk.indexOf(LINE_FEED, start)
      if (end === -1) break
      const line = assembled(pending, chunk.subarray(start, end))
      yield { text: line.toString('utf8'), lineNumber, byteOffset }
      byteOffset += line.length + 1
      lineNumber++
      pending = []
      pendingBytes = 0
      start = end + 1
    }
    if (start === chunk.length) continue
    pending.push(chunk.subarray(start))
    pendingBytes += chunk.length - start
    if (pendingBytes > MAX_DOCUMENT_BYTES) throw tooLong({ lineNumber, byteOffset })
  }
  const last = assembled(pending, Buffer.alloc(0))
  if (last.length > 0) yield { text: last.toString('utf8'), lineNumber, byteOffset }
}

/** A line may come in very many chunks, so they are joined once. */
function assembled(pending: readonly Buffer[], tail: Buffer): Buffer {
  return pending.length === 0 ? tail : Buffer.concat([...pending, tail])
}

function tooLong({
  lineNumber,
  byteOffset,
}: {
  lineNumber: number
  byteOffset: number
}): InputError {
  return new InputError({
    at: `line ${lineNumber}, byte ${byteOffset}`,
    expected: `a line of at most ${mib(MAX_DOCUMENT_BYTES)}`,
    found: 'a longer one',
  })
}
