import type { SpanRecord } from './otlp/span-record.ts'
import { type SimulatedStep, simulatedSpans } from './simulated-spans.ts'
import { normal, type RandomStream } from './stats/random-stream.ts'

/** What an HTTP client's instrumentation says of a call: twelve attributes. */
const CALL = {
  'http.request.method': 'POST',
  'http.request.resend_count': 0,
  'http.response.status_code': 200,
  'network.peer.address': '10.0.4.17',
  'network.peer.port': 8443,
  'network.protocol.name': 'http',
  'network.protocol.version': '1.1',
  'server.address': 'payments.internal',
  'server.port': 8443,
  'url.full': 'https://payments.internal:8443/v1/charges',
  'url.scheme': 'https',
  'user_agent.original': 'shop/1.4 node',
}

/** Five steps and a flow's own span, and four calls: ten spans. */
export const SHOP_STEPS: readonly string[] = ['validate', 'reserve', 'charge', 'pack', 'notify']

/**
 * The spans of one execution as an instrumented shop sends them, for benches: all steps but the first call somebody else.
 * Twelve attributes each but for the flow's own.
 */
export function shopExecution(
  random: RandomStream,
  at: { readonly index: number; readonly flowId: string; readonly startUnixNs: bigint },
  stepIds: readonly string[] = SHOP_STEPS,
): readonly SpanRecord[] {
  const steps = stepIds.map((id, place) => step(id, 20 * Math.exp(0.2 * normal(random)), place > 0))
  return simulatedSpans({ ...at, steps })
}

function step(id: string, workMs: number, isCalling: boolean): SimulatedStep {
  return {
    id,
    durationMs: workMs + 3,
    attributes: {
      'qflow.step.phase.work': workMs / 1e3,
      'qflow.step.phase.validation': 0.001,
      'qflow.step.phase.ledger': 0.001,
      'qflow.step.phase.engine': 0.001,
      'qflow.step.cpu.time': 0.0002,
      'qflow.step.resource.attribution': 'exclusive',
    },
    ...(isCalling && { child: { ...CALL_SPAN, durationMs: 0.8 * workMs } }),
  }
}

const CALL_SPAN = { name: 'POST', kind: 'client' as const, attributes: CALL }
