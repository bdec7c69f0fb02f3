import { SCHEMA_URL } from '@qflow-otel/semconv'

/** Scope of every span, metric and event of this package. */
export const INSTRUMENTATION_NAME = '@qflow-otel/instrumentation'

/** Equal to the package's version; a test holds them together. */
export const INSTRUMENTATION_VERSION = '0.1.0'

export const scopeOptions: { readonly schemaUrl: string } = { schemaUrl: SCHEMA_URL }
