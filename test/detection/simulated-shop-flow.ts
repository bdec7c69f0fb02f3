import type { Fact } from '../../packages/analyzer/src/baseline/circumstances.ts'
import type { Counters } from '../../packages/analyzer/src/baseline/counters.ts'
import { keepDefinition } from '../../packages/analyzer/src/baseline/definitions.ts'
import { CODE_VERSION, FLOW_VERSION, NODE } from '../../packages/analyzer/src/baseline/facts.ts'
import type { Mark } from '../../packages/analyzer/src/baseline/marks.ts'
import {
  durationObservation,
  type Observation,
  type PlaceMs,
  type StepFigure,
} from '../../packages/analyzer/src/baseline/observation.ts'
import { UsualExecutions } from '../../packages/analyzer/src/baseline/usual-executions.ts'
import { PresentSavings } from '../../packages/analyzer/src/detect/bottleneck/present-savings.ts'
import type { FindingChange } from '../../packages/analyzer/src/detect/finding.ts'
import { resolveDetection } from '../../packages/analyzer/src/detection-settings.ts'
import { enter } from '../../packages/analyzer/src/enter-flow.ts'
import { emptyFlow, type FlowState } from '../../packages/analyzer/src/flow-state.ts'
import { KeptExecutions } from '../../packages/analyzer/src/kept-executions.ts'
import { Observer } from '../../packages/analyzer/src/observer.ts'
import type { FlowDefinition } from '../../packages/analyzer/src/otlp/span-record.ts'
import { enqueue } from '../../packages/analyzer/src/pending-executions.ts'
import { normal, type RandomStream } from '../../packages/analyzer/src/stats/random-stream.ts'
import { durationUnixNs } from '../../packages/analyzer/src/time/unix-ns.ts'
import type { Phase } from '../../packages/analyzer/src/trace/execution.ts'

/** What an execution of the simulated shop is like before any fault: its inputs, and where it runs. */
export interface Order {
  readonly index: number
  readonly region: string
  readonly tier: string
  readonly size: 'small' | 'large'
  readonly node: string
  readonly trigger: string
  readonly flowVersion: string
  readonly codeVersion: string
}

/** ms by place of an execution, keyed `step phase`. */
export type PlaceTimes = Record<string, number>

/** What happens to the shop; every member may look at the order. */
export interface Plan {
  /** Chance of a large order, which calls and packs for three times as long. */
  readonly largeShare?: (index: number) => number
  /** Chance of the branch on which an order is inspected; no order is where nothing is said. */
  readonly inspectedShare?: (index: number) => number
  readonly flowVersion?: (index: number, random: RandomStream) => string
  readonly codeVersion?: (index: number, random: RandomStream) => string
  /** Chance that the validation cache answers. */
  readonly hitShare?: (index: number) => number
  /** Changes the times in place. */
  readonly alter?: (times: PlaceTimes, order: Order) => void
}

const START_UNIX_NS = 1_767_571_200_000_000_000n
const EVERY_NS = 1_000_000_000n

export function startOf(index: number): bigint {
  return START_UNIX_NS + BigInt(index) * EVERY_NS
}

/** Mean ms by place; each execution draws each of them with CV 0.3. The call of `charge` is a span of its own. */
const MEAN_MS: Readonly<PlaceTimes> = {
  'validate engine': 2,
  'reserve resource_wait': 6,
  'reserve work': 10,
  'charge work': 40,
  'charge ledger': 2,
  'pack queue': 5,
  'pack work': 20,
  'notify work': 8,
}
const CALL = 'POST payments.example'
const SIGMA = Math.sqrt(Math.log1p(0.3 ** 2))
const MISS_MS = 40
const HIT_MS = 1
const LARGE_FACTOR = 3
const INSPECTION_MS = 90

/** The shop's flow with its steps in a row. */
export function shopDefinition(version: string, stepIds: readonly string[]): FlowDefinition {
  return {
    flowId: 'shop',
    version,
    sha256: version.padEnd(64, '0'),
    steps: stepIds.map((id, at) => {
      const onSuccess = stepIds[at + 1]
      return { id, type: 'task', action: `shop.${id}`, ...(onSuccess && { onSuccess }) }
    }),
  }
}

export const SHOP_STEPS: readonly string[] = ['validate', 'reserve', 'charge', 'pack', 'notify']

/** One execution of the shop, a second after the one before. */
export function shopExecution(plan: Plan, index: number, random: RandomStream): Observation {
  const order: Order = {
    index,
    region: pick(random, ['eu', 'us', 'ap']),
    tier: pick(random, ['free', 'pro']),
    size: random() < (plan.largeShare?.(index) ?? 0.2) ? 'large' : 'small',
    node: pick(random, ['node-a', 'node-b']),
    trigger: pick(random, ['webhook', 'schedule']),
    flowVersion: plan.flowVersion?.(index, random) ?? '1',
    codeVersion: plan.codeVersion?.(index, random) ?? '2.0.0',
  }
  const isHit = random() < (plan.hitShare?.(index) ?? 0.8)
  const times: PlaceTimes = { 'validate validation': spread(random, isHit ? HIT_MS : MISS_MS) }
  for (const [place, ms] of Object.entries(MEAN_MS)) times[place] = spread(random, ms)
  if (order.size === 'large') {
    for (const place of ['charge work', 'pack work'])
      times[place] = LARGE_FACTOR * msOf(times, place)
  }
  if (plan.inspectedShare !== undefined && random() < plan.inspectedShare(index))
    times['inspect work'] = spread(random, INSPECTION_MS)
  plan.alter?.(times, order)
  return observation({ index, order, times, isHit })
}

/** A draw about a mean. */
export function spread(random: RandomStream, meanMs: number): number {
  return meanMs * Math.exp(SIGMA * normal(random) - (SIGMA * SIGMA) / 2)
}

function msOf(times: PlaceTimes, place: string): number {
  return times[place] ?? 0
}

function pick(random: RandomStream, values: readonly string[]): string {
  return values[Math.floor(random() * values.length)] ?? ''
}

function observation({
  index,
  order,
  times,
  isHit,
}: {
  readonly index: number
  readonly order: Order
  readonly times: PlaceTimes
  readonly isHit: boolean
}): Observation {
  const parts = Object.entries(times).map(([key, ms]) => ({ place: placeOf(key), ms }))
  const durationMs = parts.reduce((sum, { ms }) => sum + ms, 0)
  const startUnixNs = startOf(index)
  const endUnixNs = startUnixNs + durationUnixNs(durationMs)
  return {
    ...durationObservation({
      executionId: `execution-${index}`,
      startUnixNs,
      endUnixNs,
      durationMs,
    }),
    traceId: `trace-${index}`,
    flowVersion: order.flowVersion,
    facts: factsOf(order),
    parts,
    steps: stepsOf(parts, isHit),
  }
}

function placeOf(key: string): PlaceMs['place'] {
  const [stepId, phase] = key.split(' ')
  // The keys above name phases.
  return { stepId, phase: phase as Phase, spanName: key === 'charge work' ? CALL : undefined }
}

function factsOf(order: Order): Fact[] {
  return [
    { key: FLOW_VERSION, value: order.flowVersion },
    { key: CODE_VERSION, value: order.codeVersion },
    { key: NODE, value: order.node },
    { key: 'qflow.execution.trigger.type', value: order.trigger },
    { key: 'app.region', value: order.region },
    { key: 'app.tier', value: order.tier },
    { key: 'app.size', value: order.size },
  ]
}

function stepsOf(parts: readonly PlaceMs[], isHit: boolean): StepFigure[] {
  const ids = [...new Set(parts.flatMap(({ place }) => place.stepId ?? []))]
  return ids.map((stepId) => {
    const own = parts.filter(({ place }) => place.stepId === stepId)
    const workMs = own.find(({ place }) => place.phase === 'work')?.ms ?? 0
    const isChecked = stepId === 'validate'
    return {
      stepId,
      type: 'task',
      action: `shop.${stepId}`,
      isFailed: false,
      startMs: 0,
      durationMs: own.reduce((sum, { ms }) => sum + ms, 0),
      phasesMs: Object.fromEntries(own.map(({ place, ms }) => [place.phase, ms])),
      missingPhases: [],
      exclusiveCpuMs: stepId === 'pack' ? 0.95 * workMs : 0.05 * workMs,
      sharedCpuMs: undefined,
      clientMs: stepId === 'charge' ? workMs : 0,
      heapGrowthBytes: undefined,
      cacheHits: isChecked ? Number(isHit) : undefined,
      cacheMisses: isChecked ? Number(!isHit) : undefined,
    }
  })
}

/** The shop's flow in the analyzer, as executions enter it. */
export interface ShopRun {
  readonly flow: FlowState
  readonly counters: Counters
  enter(one: Observation, marks?: readonly Mark[]): readonly FindingChange[]
}

/** With the analyzer's default settings. */
export function shopRun(definitions: readonly FlowDefinition[] = []): ShopRun {
  const flow = emptyFlow('default', 'shop')
  for (const definition of definitions) keepDefinition(flow.definitions, definition)
  const counters: Counters = {}
  const observer = new Observer()
  const shown = new WeakMap()
  const kept = new KeptExecutions({ perFlowCount: 0, maxBytes: 0 })
  const usual = new UsualExecutions()
  const savings = new PresentSavings()
  const settings = {
    ...resolveDetection({}),
    tenant: 'default',
    flowId: 'shop',
    entryCapacity: 256,
    keptCount: 50,
  }
  return {
    flow,
    counters,
    enter(one, marks = []) {
      enqueue(flow.pending, [one], counters)
      const until = { untilUnixNs: one.endUnixNs, isWatermark: true }
      return enter(
        flow,
        until,
        { ...settings, marks },
        { observer, usual, savings, counters, kept, shown },
      )
    },
  }
}
