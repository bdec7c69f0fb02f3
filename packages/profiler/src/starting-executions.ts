import { MAX_ID_LENGTH, type StartedExecution } from '@qflow-otel/analyzer'
import {
  ATTR_QFLOW_EXECUTION_ID,
  ATTR_QFLOW_FLOW_ID,
  ATTR_QFLOW_FLOW_VERSION,
} from '@qflow-otel/semconv'
import type { StartedSpan, UnknownAttributes } from './ended-span.ts'
import { unixNs } from './read-span.ts'

/** Root spans whose execution id is awaited at the same time. */
const MAX_STARTING_EXECUTIONS = 1_000

/**
 * Open `execute_flow` spans whose execution was not announced yet. The span opens before the engine has given the
 * execution its id, so it is looked at again until it carries one.
 */
export class StartingExecutions {
  readonly #spans = new Set<StartedSpan>()
  #notKeptCount = 0

  add(span: StartedSpan): void {
    if (!span.name.startsWith('execute_flow ')) return
    if (this.#spans.size >= MAX_STARTING_EXECUTIONS) {
      this.#notKeptCount += 1
      return
    }
    this.#spans.add(span)
  }

  /** Executions that will first be seen when their spans end, since too many started at once. */
  get notKeptCount(): number {
    return this.#notKeptCount
  }

  /** Those that have an id by now, each once. What ended meanwhile speaks for itself. */
  take(): readonly StartedExecution[] {
    const started: StartedExecution[] = []
    for (const span of this.#spans) {
      const execution = span.ended ? undefined : startedExecution(span)
      if (execution === undefined && !span.ended) continue
      this.#spans.delete(span)
      if (execution !== undefined) started.push(execution)
    }
    return started
  }
}

function startedExecution(span: StartedSpan): StartedExecution | undefined {
  const executionId = text(span.attributes, ATTR_QFLOW_EXECUTION_ID)
  const flowId = text(span.attributes, ATTR_QFLOW_FLOW_ID)
  const startUnixNs = unixNs(span.startTime)
  if (executionId === undefined || flowId === undefined || startUnixNs === undefined) {
    return undefined
  }
  return {
    executionId,
    flowId,
    flowVersion: text(span.attributes, ATTR_QFLOW_FLOW_VERSION),
    traceId: span.spanContext().traceId,
    startUnixNs,
  }
}

/** An id that is too long is as good as none: its span is refused when it ends. */
function text(attributes: UnknownAttributes, name: string): string | undefined {
  const value = attributes[name]
  return typeof value === 'string' && value.length <= MAX_ID_LENGTH ? value : undefined
}
