import { type Circumstances, circumstanceKeys, circumstanceValue } from './circumstances.ts'
import { CODE_VERSION, FLOW_VERSION, NODE } from './facts.ts'
import type { HistoryEntry } from './history-entry.ts'
import type { Variants } from './variants.ts'

/** Something by which the executions of a flow can be told apart. */
export interface Dimension {
  /** An attribute, or `variant`. */
  readonly key: string
  /** `input`: what is asked of the flow, and not how it is run. */
  readonly kind: 'version' | 'node' | 'input' | 'variant'
  /** The value of an execution; empty where it has none. Of a variant its index. */
  groupOf(entry: HistoryEntry): string
}

const VARIANT_KEY = 'variant'

/** The dimensions of a flow: its attributes and its variants. */
export function dimensionsOf(circumstances: Circumstances): readonly Dimension[] {
  const attributes = circumstanceKeys(circumstances).map(
    (key): Dimension => ({
      key,
      kind: kindOf(key),
      groupOf: (entry) => circumstanceValue(circumstances, entry, key) ?? '',
    }),
  )
  return [...attributes, { key: VARIANT_KEY, kind: 'variant', groupOf: variantOf }]
}

/** Whether a step failed in the executions of a variant. */
export function isFailureVariant({ all }: Variants, value: string): boolean {
  return all[Number(value)]?.steps.some(({ isFailed }) => isFailed) ?? false
}

/** `inspect, pack`: the steps of a variant that not every other has; `_OTHER` where all without room are one. */
export function variantName({ all }: Variants, value: string): string {
  const variant = all[Number(value)]
  if (variant?.key === undefined) return '_OTHER'
  const others = all.filter((one) => one !== variant && one.key !== undefined)
  const isShared = (stepId: string, isFailed: boolean) =>
    others.every(({ steps }) =>
      steps.some((step) => step.stepId === stepId && step.isFailed === isFailed),
    )
  const own = variant.steps.filter(({ stepId, isFailed }) => !isShared(stepId, isFailed))
  const told = own.length === 0 ? variant.steps : own
  return told.map(({ stepId, isFailed }) => (isFailed ? `${stepId} failed` : stepId)).join(', ')
}

function kindOf(key: string): Dimension['kind'] {
  if (key === FLOW_VERSION || key === CODE_VERSION) return 'version'
  return key === NODE ? 'node' : 'input'
}

function variantOf({ variant }: HistoryEntry): string {
  return String(variant)
}
