import type { Context } from '@opentelemetry/api'
import { ownerIn } from '../context/owned-context.ts'
import type { FlowRecord } from './flow-record.ts'
import type { GroupRecord } from './group-record.ts'
import type { StepRecord } from './step-record.ts'

/** Marks what runs in a flow that leaves no telemetry. */
export interface IgnoredRecord {
  readonly kind: 'ignored'
}

export const ignored: IgnoredRecord = { kind: 'ignored' }

/** Who owns what runs now; asynchronous context decides, never an id. */
export type Owner = FlowRecord | StepRecord | GroupRecord | IgnoredRecord

export function ownerOf(active: Context): Owner | undefined {
  // Only this package writes under the key, and only these.
  return ownerIn(active) as Owner | undefined
}

/** The step that owns what runs now, while it is open. */
export function openStepOf(active: Context): StepRecord | undefined {
  const owner = ownerOf(active)
  return owner?.kind === 'step' && !owner.isEnded ? owner : undefined
}
