import type { FindingChange, Regression } from '../../detect/finding.ts'
import type { AlertChange } from './alert.ts'
import { type AlertBook, type AlertContext, emptyBook } from './alert-book.ts'
import { sharedCause } from './shared-cause.ts'
import { stepBook } from './step-book.ts'

/** Minutes after the beginning of a story. */
export function minute(count: number): bigint {
  return 1_700_000_000_000_000_000n + BigInt(Math.round(count * 60)) * 1_000_000_000n
}

/** A regression of a story: 50 % slower, at a step that calls somebody. */
export function simulatedRegression(
  own: Partial<Omit<Regression, 'place'>> & { readonly place?: Partial<Regression['place']> } = {},
): Regression {
  const { place, ...rest } = own
  const flowId = place?.flowId ?? 'checkout'
  return {
    kind: 'regression',
    id: `of-${flowId}`,
    tenant: 'default',
    place: {
      flowId,
      flowVersion: '1',
      stepId: 'pay',
      phase: 'work',
      spanName: 'POST payments.example',
      ...place,
    },
    class: 'io',
    severity: 'medium',
    state: 'open',
    openedUnixNs: minute(1),
    updatedUnixNs: minute(1),
    sentence: `${flowId} is 50 % slower`,
    evidence: { executionIds: [], traceIds: [], figures: {} },
    direction: 'regression',
    metric: 'duration',
    effect: { value: 0.5, low: 0.4, high: 0.6, n: 20 },
    level: { unit: 'ms', before: 100, after: 150 },
    onsetExecutionId: `${flowId}-7`,
    onsetUnixNs: minute(0),
    contributions: [],
    causes: [],
    ...rest,
  }
}

/** A book in which a story can be told. */
export class SimulatedBook {
  readonly book: AlertBook = emptyBook('default')
  readonly context: AlertContext

  constructor(own: Partial<AlertContext> = {}) {
    this.context = {
      budget: 10_000,
      alertThreshold: 0.1,
      causeOf: (finding) => sharedCause(finding, { action: undefined, pool: undefined }),
      isBroad: () => false,
      counters: {},
      ...own,
    }
  }

  watch(flowCount: number): void {
    for (let flow = 0; flow < flowCount; flow += 1)
      stepBook(this.book, { kind: 'watched', unixNs: minute(0) }, this.context)
  }

  tell(
    change: FindingChange['change'],
    finding: Regression,
    at: { readonly minutes: number; readonly logEvidence?: number },
  ): readonly AlertChange[] {
    const { minutes, logEvidence = Math.log(10_000) } = at
    const told = {
      change,
      finding: change === 'resolved' ? { ...finding, state: 'resolved' as const } : finding,
    }
    const input = { kind: 'finding', unixNs: minute(minutes), change: told, logEvidence } as const
    return stepBook(this.book, input, this.context)
  }

  wait(minutes: number): readonly AlertChange[] {
    return stepBook(this.book, { kind: 'time', unixNs: minute(minutes) }, this.context)
  }
}
