import { type TextMapPropagator, TraceFlags, trace } from '@opentelemetry/api'

export const remote = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
}

/** Reads `traceparent`, as little as tests need; the SDK's own is no dependency of this package. */
export const testPropagator: TextMapPropagator = {
  inject: () => {},
  fields: () => ['traceparent'],
  extract(context, carrier, getter) {
    const found = getter.get(carrier, 'traceparent')
    const [, traceId, spanId] = String(found).match(/^00-(\w{32})-(\w{16})-01$/) ?? []
    if (traceId === undefined || spanId === undefined) return context
    const traceFlags = TraceFlags.SAMPLED
    return trace.setSpanContext(context, { traceId, spanId, traceFlags, isRemote: true })
  },
}
