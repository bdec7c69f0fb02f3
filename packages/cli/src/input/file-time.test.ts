import type { SpanRecord } from '@qflow-otel/analyzer'
import { expect, test } from 'vitest'
import { fileTime } from './file-time.ts'

function spans(...ends: readonly bigint[]): readonly SpanRecord[] {
  return ends.map((endUnixNs) => ({
    traceId: 'a'.repeat(32),
    spanId: 'b'.repeat(16),
    parentSpanId: undefined,
    traceState: '',
    name: 'x',
    kind: 'internal',
    startUnixNs: 5n,
    endUnixNs,
    attributes: new Map(),
    links: [],
    status: 'unset',
    resource: { serviceName: undefined, attributes: new Map() },
  }))
}

test.each([
  ['forward with the spans', 10n, spans(30n, 20n, 25n), 25n],
  ['never backward', 100n, spans(30n), 100n],
  ['not by one wrong clock', 10n, spans(20n, 21n, 9_999_999n), 21n],
  ['an unended span counts by its start', 0n, spans(0n), 5n],
  ['nothing, nowhere', 10n, spans(), 10n],
])('%s', (_name, now, batch, then) => expect(fileTime(now, batch)).toBe(then))
