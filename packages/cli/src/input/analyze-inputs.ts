import { statSync } from 'node:fs'
import {
  type Analyzer,
  type AnalyzerOptions,
  createAnalyzer,
  type SpanRecord,
} from '@qflow-otel/analyzer'
import { progressBar } from '../progress.ts'
import type { Terminal } from '../terminal.ts'
import type { DecodedDocument } from './decode-document.ts'
import { fileTime } from './file-time.ts'
import { readFlowFile } from './flow-file.ts'
import { inTimeOrder } from './in-time-order.ts'
import { type InputSummary, readInput } from './read-input.ts'

/** An analyzer that has seen all inputs, and what was read of each. */
export interface AnalyzedInputs {
  readonly analyzer: Analyzer
  readonly inputs: readonly InputSummary[]
}

/** What to read, and into what kind of analyzer. */
export interface InputRequest {
  readonly files: readonly string[]
  readonly flowFiles: readonly string[]
  readonly options: AnalyzerOptions
  readonly terminal: Terminal
  /** Sees the spans as they go by. */
  readonly watch?: (spans: readonly SpanRecord[]) => void
}

/** The analyzer's detectors are fed at this pace of the file's own time. */
const ADVANCE_NS = 1_000_000_000n

/** Reads all inputs in the order of their times into one analyzer, whose clock is the spans' own. */
export async function analyzeInputs(request: InputRequest): Promise<AnalyzedInputs> {
  const { files, terminal } = request
  const analyzer = createAnalyzer(request.options)
  for (const flowFile of request.flowFiles) analyzer.define(readFlowFile(flowFile), {})
  const feed = new Feed(analyzer)
  const progress = progressBar(terminal.err, {
    totalBytes: files.reduce((sum, file) => sum + sizeOf(file), 0),
    nowMs: () => performance.now(),
  })
  const inputs: InputSummary[] = []
  try {
    for (const file of await inTimeOrder(files)) {
      const onRead = (byteCount: number) => progress.add(byteCount)
      const take = (decoded: DecodedDocument) => {
        feed.take(decoded)
        request.watch?.(decoded.spans)
      }
      inputs.push(await readInput(file, { stdin: terminal.stdin, onRead, take }))
    }
  } finally {
    progress.clear()
  }
  feed.end()
  const given = (input: InputSummary) => files.indexOf(input.name)
  return { analyzer, inputs: inputs.sort((a, b) => given(a) - given(b)) }
}

/** Gives the analyzer spans, and time as the spans tell it. */
class Feed {
  readonly #analyzer: Analyzer
  #nowUnixNs = 0n
  #advancedUnixNs = 0n

  constructor(analyzer: Analyzer) {
    this.#analyzer = analyzer
  }

  take({ spans, flows, started }: DecodedDocument): void {
    this.#nowUnixNs = fileTime(this.#nowUnixNs, spans)
    const at = { nowUnixNs: this.#nowUnixNs }
    for (const flow of flows) this.#analyzer.define(flow, {})
    for (const one of started) this.#analyzer.noteStarted(one, at)
    if (spans.length > 0) this.#analyzer.ingest(spans, at)
    if (this.#nowUnixNs - this.#advancedUnixNs < ADVANCE_NS) return
    this.#analyzer.advance(this.#nowUnixNs)
    this.#advancedUnixNs = this.#nowUnixNs
  }

  end(): void {
    this.#analyzer.close(this.#nowUnixNs)
  }
}

/** 0 where it is not known: a pipe, or a file that will be refused when it is read. */
function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}
