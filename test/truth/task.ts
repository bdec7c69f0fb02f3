import type { ActionCall, Timers } from '@anarq/qflow'
import { SpanKind, type Tracer } from '@opentelemetry/api'
import type { Call, StepCosts } from './workload.ts'

/** The action of every task of a workload. */
export const TASK_ACTION = 'truth.task'

interface TaskHost {
  readonly timers: Timers
  readonly burn: (ms: number) => void
  readonly tracer: Tracer
  /** What this attempt pays for something. */
  readonly drawn: (meanMs: number, what: string) => number
}

/** Half of its own work, computing, the calls, the other half; the first attempts then fail. */
export async function runTask(
  costs: StepCosts,
  { attempt, signal }: ActionCall,
  host: TaskHost,
): Promise<void> {
  const { timers, drawn, burn } = host
  const workMs = drawn(costs.workMs, 'work')
  await sleep(timers, workMs / 2, signal)
  burn(drawn(costs.cpuMs, 'cpu'))
  const calls = costs.calls.map((call, index) => () => request(call, index, signal, host))
  if (costs.callsAtOnce) await Promise.all(calls.map((call) => call()))
  else for (const call of calls) await call()
  await sleep(timers, workMs / 2, signal)
  if (attempt <= costs.failureCount) throw new TypeError('not yet')
}

/** As the instrumentation of an HTTP client shows it; the other side is a timer. */
async function request(
  { peer, ms }: Call,
  index: number,
  signal: AbortSignal,
  { tracer, timers, drawn }: TaskHost,
): Promise<void> {
  const span = tracer.startSpan(`GET ${peer}`, { kind: SpanKind.CLIENT })
  try {
    await sleep(timers, drawn(ms, `call ${index}`), signal)
  } finally {
    span.end()
  }
}

/** Rejects when the signal is aborted, as a handler does that heeds its timeout. */
export function sleep(timers: Timers, ms: number, signal?: AbortSignal): Promise<void> {
  if (ms === 0) return Promise.resolve()
  return new Promise((resolve, reject) => {
    const abort = () => {
      timers.clearTimeout(handle)
      reject(signal?.reason)
    }
    const handle = timers.setTimeout(() => {
      signal?.removeEventListener('abort', abort)
      resolve()
    }, ms)
    signal?.addEventListener('abort', abort, { once: true })
  })
}
