import { ATTR_QFLOW_LEDGER_RECORD_COUNT, ATTR_QFLOW_LEDGER_VALID } from '@qflow-otel/semconv'
import { LEDGER } from '../phases.ts'
import { isObject } from '../qflow-surface.ts'
import type { PhaseKind } from './phase-call.ts'

/** `appendRecord`. */
export const ledgerAppend: PhaseKind = { phase: LEDGER, spanName: 'ledger append' }

/** `validateLedger`, which in Qflow grows with every step before it. */
export const ledgerValidation: PhaseKind = {
  phase: LEDGER,
  spanName: 'ledger validate',
  onStart(span, ledger, [executionId]) {
    const count = recordCount(ledger, executionId)
    if (count !== undefined) span.setAttribute(ATTR_QFLOW_LEDGER_RECORD_COUNT, count)
  },
  onValue(result, { span }) {
    const isValid = isObject(result) ? result['isValid'] : undefined
    if (typeof isValid === 'boolean') span?.setAttribute(ATTR_QFLOW_LEDGER_VALID, isValid)
  },
}

/** Asks the ledger itself, which copies a list; detail mode pays for it. */
function recordCount(ledger: unknown, executionId: unknown): number | undefined {
  if (!isObject(ledger) || typeof ledger['getExecutionRecords'] !== 'function') return undefined
  const records: unknown = ledger['getExecutionRecords'](executionId)
  return Array.isArray(records) ? records.length : undefined
}
