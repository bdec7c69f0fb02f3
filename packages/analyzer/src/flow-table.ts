import { flowFromText, flowToText } from './analyzer-snapshot.ts'
import { type Counters, countOne } from './baseline/counters.ts'
import type { Finding } from './detect/finding.ts'
import { FlowDefinitions } from './flow-definitions.ts'
import { emptyFlow, type FlowState, flowKey } from './flow-state.ts'
import type { FlowDefinition } from './otlp/span-record.ts'
import type { FlowReport } from './report.ts'

/** The open findings of a flow, and the last that ended. */
export interface FlowFindings {
  readonly findings: readonly Finding[]
  readonly resolved: readonly Finding[]
}

/** A flow that was not seen for long: its state as text, and what a report says of it, which does not change meanwhile. */
interface SleepingFlow {
  readonly text: string
  readonly tenant: string
  readonly report: FlowReport
  readonly findings: FlowFindings
}

/** Bounds of a `FlowTable`. */
export interface FlowLimits {
  /** Flows that are held as they are; of more, those that were used longest ago sleep. */
  readonly activeFlowCount: number
  /** Flows in all. */
  readonly maxFlowCount: number
  /** Texts of flows that sleep, in characters, of a byte each. */
  readonly maxSleepingBytes: number
  /** Definitions of active flows. */
  readonly maxDefinitionBytes: number
}

/** All flows of all tenants: active ones as objects in order of use, sleeping ones as text, which takes half the room. */
export class FlowTable {
  readonly #active = new Map<string, FlowState>()
  /** The active ones by tenant and id: an execution asks for its flow, and a key would be made for each. */
  readonly #byName = new Map<string, Map<string, FlowState>>()
  /** Whoever sleeps longest first. */
  readonly #sleeping = new Map<string, SleepingFlow>()
  readonly #definitions: FlowDefinitions<FlowState>
  readonly #limits: FlowLimits
  readonly #counters: Counters
  readonly #reportOf: (flow: FlowState) => FlowReport
  readonly #settle: (flow: FlowState) => void
  readonly #findingsOf: (flow: FlowState) => readonly Finding[]
  readonly #forget: (flow: { readonly key: string; readonly tenant: string }) => void
  #sleepingBytes = 0
  /** The one used last. */
  #newest: FlowState | undefined

  constructor(
    limits: FlowLimits,
    shell: {
      readonly counters: Counters
      readonly reportOf: (flow: FlowState) => FlowReport
      /** A flow goes to sleep: what it is still to learn has to be in it. */
      readonly settle: (flow: FlowState) => void
      /** The open ones as they are shown. */
      readonly findingsOf: (flow: FlowState) => readonly Finding[]
      /** Nothing is known of the flow any more. */
      readonly forget: (flow: { readonly key: string; readonly tenant: string }) => void
    },
  ) {
    this.#limits = limits
    this.#definitions = new FlowDefinitions(limits.maxDefinitionBytes, shell.counters)
    this.#counters = shell.counters
    this.#reportOf = shell.reportOf
    this.#settle = shell.settle
    this.#forget = shell.forget
    this.#findingsOf = shell.findingsOf
  }

  get activeCount(): number {
    return this.#active.size
  }

  /** In order of use, the longest unused first. */
  active(): Iterable<FlowState> {
    return this.#active.values()
  }

  sleeping(): Iterable<Omit<SleepingFlow, 'text'>> {
    return this.#sleeping.values()
  }

  /** Every flow as it is: those that sleep are read, and sleep on. */
  *all(): Iterable<FlowState> {
    yield* this.#active.values()
    for (const { text } of this.#sleeping.values()) yield flowFromText(text)
  }

  /** Looks at a flow without using it. */
  find(key: { tenant: string; flowId: string }): FlowState | undefined {
    const known = this.#active.get(flowKey(key))
    if (known !== undefined) return known
    const asleep = this.#sleeping.get(flowKey(key))
    return asleep === undefined ? undefined : flowFromText(asleep.text)
  }

  /** The flow, woken or made when there is room for it; else `flow_limit` counts. */
  use({ tenant, flowId }: { tenant: string; flowId: string }): FlowState | undefined {
    const active = this.#byName.get(tenant)?.get(flowId)
    const known = active ?? this.#wake(flowKey({ tenant, flowId }))
    if (
      known === undefined &&
      this.#active.size + this.#sleeping.size >= this.#limits.maxFlowCount
    ) {
      countOne(this.#counters, 'flow_limit')
      return undefined
    }
    const flow = known ?? emptyFlow(tenant, flowId)
    this.add(flow)
    return flow
  }

  /** Tells a flow its definition. */
  define(definition: FlowDefinition, tenant: string): void {
    const flow = this.use({ tenant, flowId: definition.flowId })
    if (flow !== undefined) this.#definitions.keep(flow, definition)
  }

  /** As the one used last. */
  add(flow: FlowState): void {
    if (flow === this.#newest) return
    this.#newest = flow
    if (!this.#active.delete(flow.key)) this.#definitions.add(flow)
    this.#active.set(flow.key, flow)
    const ofTenant = this.#byName.get(flow.tenant) ?? new Map<string, FlowState>()
    if (ofTenant.size === 0) this.#byName.set(flow.tenant, ofTenant)
    if (ofTenant.get(flow.flowId) !== flow) ofTenant.set(flow.flowId, flow)
  }

  /**
   * Lets those sleep that were used longest ago and wait for nothing, as far as there are too many. Beyond the bound whoever
   * sleeps longest is forgotten, as `flow_forgotten`. Nobody may hold on to a flow over this call.
   */
  letSleep(): void {
    let left = this.#active.size - this.#limits.activeFlowCount
    if (left <= 0) return
    for (const flow of this.#active.values()) {
      if (flow.pending.length > 0) continue
      this.#sleep(flow)
      if (--left <= 0) break
    }
    for (const [key, { text, tenant }] of this.#sleeping) {
      if (this.#sleepingBytes <= this.#limits.maxSleepingBytes) return
      this.#sleeping.delete(key)
      this.#sleepingBytes -= text.length
      this.#forget({ key, tenant })
      countOne(this.#counters, 'flow_forgotten')
    }
  }

  #wake(key: string): FlowState | undefined {
    const asleep = this.#sleeping.get(key)
    if (asleep === undefined) return undefined
    this.#sleeping.delete(key)
    this.#sleepingBytes -= asleep.text.length
    return flowFromText(asleep.text)
  }

  #sleep(flow: FlowState): void {
    const { key, tenant, resolved } = flow
    this.#settle(flow)
    this.#definitions.drop(flow)
    this.#newest = undefined
    const text = flowToText(flow)
    this.#active.delete(key)
    this.#byName.get(tenant)?.delete(flow.flowId)
    this.#sleepingBytes += text.length
    const report = this.#reportOf(flow)
    this.#sleeping.set(key, {
      text,
      tenant,
      report,
      findings: { findings: this.#findingsOf(flow), resolved },
    })
  }
}
