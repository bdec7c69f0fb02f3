import { sha256 } from '../stats/sha256.ts'

/** 32 hex digits that the same finding has wherever and whenever it is computed. */
export function findingId(identity: {
  readonly tenant: string
  readonly flowId: string
  readonly stepId: string | undefined
  readonly phase: string | undefined
  readonly spanName?: string | undefined
  readonly metric: string
  readonly kind: string
  readonly direction: string
  readonly onsetExecutionId: string
}): string {
  const { tenant, flowId, stepId, phase, spanName, metric, kind, direction } = identity
  const parts = [tenant, flowId, stepId, phase, spanName, metric, kind, direction]
  // JSON keeps ids with odd characters apart.
  const text = JSON.stringify([...parts.map((part) => part ?? 0), identity.onsetExecutionId])
  return sha256(text).slice(0, 32)
}
