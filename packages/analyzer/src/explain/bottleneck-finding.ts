import type { Wait } from '../detect/bottleneck/bottleneck.ts'
import type { Bottleneck } from '../detect/finding.ts'
import { findingPlace } from './finding-place.ts'
import { bottleneckSentence } from './sentence.ts'

export function bottleneckFinding(
  wait: Wait,
  flow: {
    readonly tenant: string
    readonly flowId: string
    readonly flowVersion: string | undefined
  },
): Bottleneck {
  return {
    kind: 'bottleneck',
    id: wait.id,
    tenant: flow.tenant,
    place: findingPlace(flow, wait.place),
    class: wait.class,
    severity: wait.severity,
    state: wait.state,
    openedUnixNs: wait.openedUnixNs,
    updatedUnixNs: wait.updatedUnixNs,
    sentence: bottleneckSentence(flow.flowId, wait),
    evidence: {
      executionIds: wait.slowest.map(({ executionId }) => executionId),
      traceIds: wait.slowest.map(({ traceId }) => traceId),
      figures: {
        meanDurationMs: wait.meanDurationMs,
        meanSavedMs: wait.savedMs.value,
        ...(wait.lostMsPerHour !== undefined && { lostMsPerHour: wait.lostMsPerHour }),
        executionCount: wait.speedup.n,
      },
    },
    speedup: wait.speedup,
    savedMs: wait.savedMs,
  }
}
