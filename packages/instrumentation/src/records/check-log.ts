import { type Context, SpanStatusCode } from '@opentelemetry/api'
import {
  ATTR_ERROR_TYPE,
  ATTR_QFLOW_CHECK_KIND,
  ATTR_QFLOW_CHECK_PASSED,
  ATTR_QFLOW_DAO_SUBNET,
  ATTR_QFLOW_FLOW_ID,
  ATTR_QFLOW_FLOW_VERSION,
} from '@qflow-otel/semconv'
import { toHrTime } from '../clock.ts'
import type { Telemetry } from '../telemetry.ts'
import { subnetOf } from './flow-attributes.ts'
import type { FlowRecord } from './flow-record.ts'

export type CheckKind = 'dao' | 'billing'

interface Check {
  readonly kind: CheckKind
  readonly startNs: number
  readonly endNs: number
  readonly hasPassed: boolean | undefined
  readonly errorType: string | undefined
}

/** A start asks a handful of services; a loop of checks must not fill memory. */
const MAX_CHECKS = 100

/**
 * Admission checks of one start. Their spans are made afterwards, since detail mode is chosen by the execution's id, which
 * nobody knows while they run.
 */
export class CheckLog {
  private readonly checks: Check[] = []
  private readonly telemetry: Telemetry
  private openCount = 0
  private sinceNs = 0
  private sumNs = 0

  constructor(telemetry: Telemetry) {
    this.telemetry = telemetry
  }

  enter(atNs: number): void {
    if (this.openCount++ === 0) this.sinceNs = atNs
  }

  leave(check: Check): void {
    if (--this.openCount === 0) this.sumNs += check.endNs - this.sinceNs
    if (this.checks.length < MAX_CHECKS) this.checks.push(check)
    else this.telemetry.tally.drop('check_limit')
  }

  /** Time in which at least one check was open. */
  totalNs(): number {
    return this.sumNs
  }

  emitSpans(record: FlowRecord, parent: Context): void {
    if (!record.isDetailed) return
    const { flowId, version } = record.facts
    const subnet = subnetOf(record, undefined)
    for (const check of this.checks) {
      const startTime = toHrTime(check.startNs)
      const span = this.telemetry.tracer.startSpan(`check ${check.kind}`, { startTime }, parent)
      if (flowId !== undefined) span.setAttribute(ATTR_QFLOW_FLOW_ID, flowId)
      if (version !== undefined) span.setAttribute(ATTR_QFLOW_FLOW_VERSION, version)
      if (subnet !== undefined) span.setAttribute(ATTR_QFLOW_DAO_SUBNET, subnet)
      span.setAttribute(ATTR_QFLOW_CHECK_KIND, check.kind)
      if (check.hasPassed !== undefined) {
        span.setAttribute(ATTR_QFLOW_CHECK_PASSED, check.hasPassed)
      }
      if (check.errorType !== undefined) {
        span.setAttribute(ATTR_ERROR_TYPE, check.errorType)
        span.setStatus({ code: SpanStatusCode.ERROR })
      }
      span.end(toHrTime(check.endNs))
    }
  }
}
