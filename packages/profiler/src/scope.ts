/** Instrumentation scope of everything the profiler emits. */
export const SCOPE_NAME = '@qflow-otel/profiler'

/** This package's version; a test compares it with package.json. */
export const SCOPE_VERSION = '0.1.0'
