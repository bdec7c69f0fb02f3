import type { DiagLogger } from '@opentelemetry/api'
import type { Reach } from '../reach.ts'
import { findInstalled } from './installed.ts'

/**
 * An application has loaded its engine well before that; what was not reached by then needs to be said. Not sooner, since
 * some load it lazily; the timer keeps no process alive.
 */
const REPORT_AFTER_MS = 5_000

/** Methods without which a trace is incomplete, and what is then missing from it. */
const wanted: readonly (readonly [key: string, loss: string])[] = [
  ['executionEngine.startExecution', 'executions begin late'],
  ['executionEngine.executeFlow', 'executions have no span'],
  ['executionEngine.executeStep', 'steps have no span'],
  ['executionEngine.executeTask', 'no work phase and no attempts'],
  ['universalValidationPipeline.validate', 'no validation phase'],
  ['executionLedger.appendRecord', 'no ledger phase'],
  ['resourcePoolManager.createPool', 'no pool waits'],
  ['daoSubnetService.validateDAOExecution', 'no DAO checks'],
  ['resourceBillingService.canAllocateResources', 'no billing checks'],
]

export interface ReachReportOptions {
  readonly reach: Reach
  readonly packageNames: readonly string[]
  readonly log: DiagLogger
}

/** Says after a while, through diag, what could not be reached and what to do. Returns how to call it off. */
export function scheduleReachReport(options: ReachReportOptions): () => void {
  const timer = setTimeout(() => report(options), REPORT_AFTER_MS)
  timer.unref()
  return () => clearTimeout(timer)
}

function report({ reach, packageNames, log }: ReachReportOptions): void {
  if (reach.isEmpty()) {
    const installed = packageNames.filter(findInstalled)
    if (installed.length === 0) return
    log.warn(
      `${installed.join(', ')} is installed but none of its methods could be wrapped. It was loaded before the ` +
        'instrumentation, or where no loader sees it (bundled). Start with node --import ' +
        '@qflow-otel/instrumentation/register, or call instrumentQflow({ executionEngine, … }).',
    )
    return
  }
  const missing = wanted.filter(([key]) => !reach.has(key))
  if (missing.length === 0) return
  const losses = missing.map(([key, loss]) => `${key} (${loss})`)
  log.info(`not reached: ${losses.join(', ')}; pass these objects to instrumentQflow to have them`)
}
