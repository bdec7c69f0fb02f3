import {
  ATTR_ERROR_TYPE,
  ATTR_QFLOW_EXECUTION_PARENT_ID,
  ATTR_QFLOW_EXECUTION_TRIGGER_TYPE,
  ATTR_QFLOW_FLOW_ID,
  ATTR_QFLOW_FLOW_VERSION,
} from '@qflow-otel/semconv'
import { KNOWN, type KnownKey } from '../otlp/known-attributes.ts'
import type { SpanRecord } from '../otlp/span-record.ts'
import { type ExecutionInput, type Identity, identityOf } from './build-execution.ts'
import { type LaidSpans, unlaySpans } from './laid-spans.ts'
import { CONSTANT, type SpanLayout } from './span-layout.ts'

/** What `identityOf` reads, beside what is meaningful to a layout anyway. */
const IDENTITY_KEYS: readonly KnownKey[] = [
  ATTR_QFLOW_FLOW_ID,
  ATTR_QFLOW_FLOW_VERSION,
  ATTR_QFLOW_EXECUTION_PARENT_ID,
  ATTR_QFLOW_EXECUTION_TRIGGER_TYPE,
  ATTR_ERROR_TYPE,
]

interface KnownIdentity {
  /** Whether all executions of the layout say the same, but for their resources. */
  readonly isConstant: boolean
  resources: LaidSpans['resources'] | undefined
  identity: Identity | undefined
}

/** Who executions are whose layout is known: mostly what the one before said. */
export class LaidIdentities {
  readonly #known = new WeakMap<SpanLayout, KnownIdentity>()

  identityOf(laid: LaidSpans, started: ExecutionInput['started']): Identity {
    if (started !== undefined) return readIdentity(laid, started)
    const known = this.#of(laid.layout)
    if (known.identity !== undefined && known.resources === laid.resources) return known.identity
    const identity = readIdentity(laid, undefined)
    if (known.isConstant) {
      known.identity = identity
      known.resources = laid.resources
    }
    return identity
  }

  #of(layout: SpanLayout): KnownIdentity {
    const known = this.#known.get(layout)
    if (known !== undefined) return known
    const fresh = { isConstant: isConstant(layout), resources: undefined, identity: undefined }
    this.#known.set(layout, fresh)
    return fresh
  }
}

function readIdentity(laid: LaidSpans, started: ExecutionInput['started']): Identity {
  const { segment, own } = laid.layout
  const records = unlaySpans(laid)
  const lastSegment = records[segment]
  const inOrder: SpanRecord[] = []
  for (const index of own) {
    const record = records[index]
    if (record !== undefined) inOrder.push(record)
  }
  return identityOf({ started, inOrder, lastSegment, first: lastSegment })
}

function isConstant({ records, own }: SpanLayout): boolean {
  return own.every((index) => {
    // A record of the layout.
    const { shape, slots } = records[index] as SpanLayout['records'][number]
    return IDENTITY_KEYS.every(
      (key) => (slots[shape.known[KNOWN[key]] ?? -1] ?? CONSTANT) === CONSTANT,
    )
  })
}
