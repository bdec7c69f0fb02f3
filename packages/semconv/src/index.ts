export * from './generated/attributes.ts'
export * from './generated/events.ts'
export * from './generated/metrics.ts'
export { registry, type SemconvRegistry } from './generated/registry.ts'

/** Version of these conventions, the last part of `schemaUrl`. */
export const SEMCONV_VERSION = '0.1.0'

/** Schema URL of every tracer, meter and logger of qflow-otel. */
export const SCHEMA_URL = 'https://qflow-otel.dev/schemas/0.1.0'
