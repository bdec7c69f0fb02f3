import {
  type Analyzer,
  type AnalyzerOptions,
  createAnalyzer,
  type SpanRecord,
} from '@qflow-otel/analyzer'
import type { Terminal } from '../terminal.ts'
import type { DecodedDocument } from './decode-document.ts'
import { fileTime } from './file-time.ts'
import { readFlowFile } from './flow-file.ts'
import type { InputSummary } from './read-input.ts'
import { readInputs } from './read-inputs.ts'

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
  const take = (decoded: DecodedDocument) => {
    feed.take(decoded)
    request.watch?.(decoded.spans)
  }
  const inputs = await readInputs({ files, terminal, take })
  feed.end()
  return { analyzer, inputs }
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
