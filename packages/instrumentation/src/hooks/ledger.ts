import { ATTR_QFLOW_LEDGER_RECORD_COUNT, ATTR_QFLOW_LEDGER_VALID } from '@qflow-otel/semconv'
import type { Enter } from '../patching/wrap.ts'
import { LEDGER } from '../phases.ts'
import { isObject } from '../qflow-surface.ts'
import { openStepOf } from '../records/owner.ts'
import type { StepRecord } from '../records/step-record.ts'
import type { Telemetry } from '../telemetry.ts'
import { type Detail, PhaseCall } from './phase-call.ts'

/** `appendRecord`: a phase of the step. */
export function appendHook(telemetry: Telemetry): Enter {
  return () => {
    const active = telemetry.carrier.active()
    const record = openStepOf(active)
    if (record === undefined) return undefined
    const detail = record.scope.isDetailed
      ? { telemetry, name: 'ledger append', active }
      : undefined
    return new PhaseCall(record, LEDGER, detail)
  }
}

/** `validateLedger`: a phase of the step, which in Qflow grows with every step before it. */
export function validateLedgerHook(telemetry: Telemetry): Enter {
  return (ledger, [executionId]) => {
    const active = telemetry.carrier.active()
    const record = openStepOf(active)
    if (record === undefined) return undefined
    if (!record.scope.isDetailed) return new PhaseCall(record, LEDGER, undefined)
    const detail = { telemetry, name: 'ledger validate', active }
    return new LedgerValidation(record, detail, { ledger, executionId })
  }
}

interface Validated {
  readonly ledger: unknown
  readonly executionId: unknown
}

class LedgerValidation extends PhaseCall {
  constructor(record: StepRecord, detail: Detail, { ledger, executionId }: Validated) {
    super(record, LEDGER, detail)
    const count = recordCount(ledger, executionId)
    if (count !== undefined) this.span?.setAttribute(ATTR_QFLOW_LEDGER_RECORD_COUNT, count)
  }

  override succeed(result: unknown): void {
    const isValid = isObject(result) ? result['isValid'] : undefined
    if (typeof isValid === 'boolean') this.span?.setAttribute(ATTR_QFLOW_LEDGER_VALID, isValid)
    this.end(undefined)
  }
}

/** Asks the ledger itself, which copies a list; detail mode pays for it. */
function recordCount(ledger: unknown, executionId: unknown): number | undefined {
  if (!isObject(ledger) || typeof ledger['getExecutionRecords'] !== 'function') return undefined
  const records: unknown = ledger['getExecutionRecords'](executionId)
  return Array.isArray(records) ? records.length : undefined
}
