import type { Readable } from 'node:stream'
import { TracesDecoder } from '@qflow-otel/analyzer'
import { type DecodedDocument, decodeDocument } from './decode-document.ts'
import { readDocuments } from './documents.ts'
import { describe, InputError, type InputProblem } from './input-error.ts'
import { openBytes, STDIN_NAME } from './open-bytes.ts'

/** What was read of one file or of the standard input, and what could not be used. */
export interface InputSummary {
  readonly name: string
  /** As stored, before decompression. */
  readonly byteCount: number
  readonly documentCount: number
  readonly spanCount: number
  /** Spans, lines or documents that could not be used. */
  readonly problemCount: number
  /** The first of them. */
  readonly problems: readonly InputProblem[]
  /** How often something was shortened to a limit, by reason. */
  readonly clipped: Readonly<Record<string, number>>
}

/** Who wants what is read. */
export interface InputReader {
  readonly stdin: Readable
  readonly onRead: (byteCount: number) => void
  /** What is read next waits until this is done. */
  readonly take: (decoded: DecodedDocument) => void | Promise<void>
}

/** A user mends the first few; the rest are counted. */
const MAX_LISTED_PROBLEMS = 5

/** Reads one input to its end, document by document. What is bad in it is counted; the rest goes on. */
export async function readInput(name: string, reader: InputReader): Promise<InputSummary> {
  const tally = new Tally(name)
  const traces = new TracesDecoder()
  const onRead = (byteCount: number) => {
    tally.byteCount += byteCount
    reader.onRead(byteCount)
  }
  try {
    for await (const document of readDocuments(openBytes(name, { stdin: reader.stdin, onRead }))) {
      try {
        const decoded = decodeDocument(document, traces)
        tally.add(decoded)
        await reader.take(decoded)
      } catch (error) {
        tally.refuse(error)
      }
    }
  } catch (error) {
    tally.refuse(error)
  }
  return tally.summary()
}

/** Counts while an input is read. */
class Tally {
  readonly #name: string
  readonly #problems: InputProblem[] = []
  readonly #clipped: Record<string, number> = {}
  #documentCount = 0
  #spanCount = 0
  #problemCount = 0
  byteCount = 0

  constructor(name: string) {
    this.#name = name
  }

  add(decoded: DecodedDocument): void {
    this.#documentCount++
    this.#spanCount += decoded.spans.length
    this.#problemCount += decoded.problemCount
    for (const problem of decoded.problems) this.#list(problem)
    for (const [reason, count] of Object.entries(decoded.clipped)) {
      this.#clipped[reason] = (this.#clipped[reason] ?? 0) + count
    }
  }

  /** Only bad input is counted; a fault of the program goes on up. */
  refuse(error: unknown): void {
    if (!(error instanceof InputError)) throw error
    this.#problemCount++
    this.#list(error.problem)
  }

  summary(): InputSummary {
    return {
      name: this.#name,
      byteCount: this.byteCount,
      documentCount: this.#documentCount,
      spanCount: this.#spanCount,
      problemCount: this.#problemCount,
      problems: this.#problems,
      clipped: this.#clipped,
    }
  }

  #list(problem: InputProblem): void {
    if (this.#problems.length < MAX_LISTED_PROBLEMS) this.#problems.push(problem)
  }
}

/** A sentence for each listed problem of an input, and how many more there are. */
export function problemSentences(input: InputSummary): readonly string[] {
  const name = input.name === STDIN_NAME ? 'standard input' : input.name
  const more = input.problemCount - input.problems.length
  // Readable, and yet nothing to analyse: metrics or other logs alone.
  if (input.spanCount + input.problemCount === 0) return [`${name}: expected spans, found none`]
  return [
    ...input.problems.map((problem) => `${name}: ${describe(problem)}`),
    ...(more > 0 ? [`${name}: ${more} more like these`] : []),
  ]
}
