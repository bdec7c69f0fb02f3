import {
  type Attributes,
  type AttributeValue,
  overlongId,
  type Resource,
  type SpanKind,
  type SpanRecord,
} from '@qflow-otel/analyzer'
import type { EndedSpan, HrTimeLike, SpanResource, UnknownAttributes } from './ended-span.ts'

/** OTel's resource attribute, not one of ours. */
const SERVICE_NAME = 'service.name'

const NS_PER_S = 1_000_000_000n

const spanKinds: readonly SpanKind[] = ['internal', 'server', 'client', 'producer', 'consumer']
const statuses: readonly SpanRecord['status'][] = ['unset', 'ok', 'error']

/**
 * Reads the SDK's spans as the analyzer's records. Spans of one provider share one Resource object, which is read
 * once; the memory holds no resource that the SDK let go.
 */
export class SpanReader {
  readonly #resources = new WeakMap<SpanResource, Resource>()

  /**
   * `undefined` when a time is not a number: such a span has no place on a time line. The same when an id is too long, as the
   * analyzer's own readers refuse it.
   */
  read(span: EndedSpan): SpanRecord | undefined {
    const startUnixNs = unixNs(span.startTime)
    const endUnixNs = unixNs(span.endTime)
    if (startUnixNs === undefined || endUnixNs === undefined) return undefined
    const attributes = readAttributes(span.attributes)
    if (overlongId(attributes) !== undefined) return undefined
    const { traceId, spanId, traceState } = span.spanContext()
    return {
      traceId,
      spanId,
      parentSpanId: span.parentSpanContext?.spanId,
      traceState: traceState?.serialize() ?? '',
      name: span.name,
      kind: spanKinds[span.kind] ?? 'unspecified',
      startUnixNs,
      endUnixNs,
      attributes,
      links: span.links.map(({ context }) => ({
        traceId: context.traceId,
        spanId: context.spanId,
      })),
      status: statuses[span.status.code] ?? 'unset',
      resource: this.#readResource(span.resource),
    }
  }

  #readResource(resource: SpanResource): Resource {
    const known = this.#resources.get(resource)
    if (known !== undefined) return known
    // The SDK complains of every look at attributes that are still awaited; the next span finds them settled.
    if (resource.asyncAttributesPending === true) return AWAITED_RESOURCE
    const attributes = readAttributes(resource.attributes)
    const serviceName = attributes.get(SERVICE_NAME)
    const read: Resource = {
      serviceName: typeof serviceName === 'string' ? serviceName : undefined,
      attributes,
    }
    this.#resources.set(resource, read)
    return read
  }
}

const AWAITED_RESOURCE: Resource = { serviceName: undefined, attributes: new Map() }

/** Exact: both parts are integers in ns, whatever their size; nanoseconds may exceed a second. */
export function unixNs([seconds, nanoseconds]: HrTimeLike): bigint | undefined {
  if (!Number.isFinite(seconds) || !Number.isFinite(nanoseconds)) return undefined
  const wholeSeconds = Math.trunc(seconds)
  const restNs = Math.round((seconds - wholeSeconds) * 1e9 + nanoseconds)
  return BigInt(wholeSeconds) * NS_PER_S + BigInt(restNs)
}

/** The inverse of `unixNs`, for log records. */
export function hrTime(timeUnixNs: bigint): [number, number] {
  return [Number(timeUnixNs / NS_PER_S), Number(timeUnixNs % NS_PER_S)]
}

/** Values the analyzer has no use for (maps, bytes) are left out. */
function readAttributes(attributes: UnknownAttributes): Attributes {
  const read = new Map<string, AttributeValue>()
  for (const name in attributes) {
    const value = readValue(attributes[name])
    if (value !== undefined) read.set(name, value)
  }
  return read
}

function readValue(value: unknown): AttributeValue | undefined {
  if (isPrimitive(value)) return value
  return Array.isArray(value) ? value.filter(isPrimitive) : undefined
}

function isPrimitive(value: unknown): value is string | number | boolean | bigint {
  return (
    typeof value === 'string' ||
    typeof value === 'number' ||
    typeof value === 'boolean' ||
    typeof value === 'bigint'
  )
}
