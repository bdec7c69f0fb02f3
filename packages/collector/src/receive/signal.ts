/** What an OTLP request carries, with the words of the protocol for it. */
export interface Signal {
  readonly name: SignalName
  readonly path: string
  /** As the Collector's own metrics end. */
  readonly items: 'spans' | 'metric_points' | 'log_records'
  /** The JSON name of the count in `partialSuccess`; in protobuf it is field 1 for every signal. */
  readonly rejectedField: 'rejectedSpans' | 'rejectedDataPoints' | 'rejectedLogRecords'
}

export type SignalName = 'traces' | 'metrics' | 'logs'

export const signals: readonly Signal[] = [
  { name: 'traces', path: '/v1/traces', items: 'spans', rejectedField: 'rejectedSpans' },
  {
    name: 'metrics',
    path: '/v1/metrics',
    items: 'metric_points',
    rejectedField: 'rejectedDataPoints',
  },
  { name: 'logs', path: '/v1/logs', items: 'log_records', rejectedField: 'rejectedLogRecords' },
]

export function signalOfPath(path: string): Signal | undefined {
  return signals.find((signal) => signal.path === path)
}

/** How a body is written. */
export type Encoding = 'protobuf' | 'json'

export const mediaTypes: Readonly<Record<Encoding, string>> = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
}

/** The encoding a `Content-Type` header names, parameters ignored. */
export function encodingOf(contentType: string | undefined): Encoding | undefined {
  const mediaType = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase()
  if (mediaType === mediaTypes.protobuf) return 'protobuf'
  return mediaType === mediaTypes.json ? 'json' : undefined
}
