import { readFileSync } from 'node:fs'

/** A line of the Collector's file exporter: one request of one signal. */
interface Line {
  readonly resourceSpans?: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly FileSpan[] }[]
  }[]
  readonly resourceMetrics?: readonly {
    readonly scopeMetrics: readonly { readonly metrics: readonly FileMetric[] }[]
  }[]
  readonly resourceLogs?: readonly {
    readonly scopeLogs: readonly { readonly logRecords: readonly FileLog[] }[]
  }[]
}

interface FileSpan {
  readonly traceId: string
  readonly spanId: string
  readonly name: string
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
}

interface FileMetric {
  readonly name: string
}

interface FileLog {
  readonly eventName?: string
}

/** Everything that has arrived at the end of the pipeline. */
export interface ExportedFile {
  /** Its whole lines: a further one may be half written. */
  readonly text: string
  readonly spans: readonly FileSpan[]
  readonly metrics: readonly FileMetric[]
  readonly logs: readonly FileLog[]
}

/** Nothing while the Collector has not written yet; a line that it is writing counts when it is whole. */
export function readExportedFile(file: string): ExportedFile | undefined {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    return undefined // The Collector makes the file with the first request.
  }
  const whole = text.slice(0, text.lastIndexOf('\n'))
  if (whole === '') return undefined
  const lines = whole.split('\n').map((line) => JSON.parse(line) as Line)
  return {
    text: `${whole}\n`,
    spans: lines.flatMap(({ resourceSpans = [] }) =>
      resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
    ),
    metrics: lines.flatMap(({ resourceMetrics = [] }) =>
      resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics)),
    ),
    logs: lines.flatMap(({ resourceLogs = [] }) =>
      resourceLogs.flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords)),
    ),
  }
}
