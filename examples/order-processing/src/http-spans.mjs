/** The application's own OpenTelemetry set-up: spans for its HTTP calls, as any service has them. */
import { registerInstrumentations } from '@opentelemetry/instrumentation'
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici'

registerInstrumentations({ instrumentations: [new UndiciInstrumentation()] })
