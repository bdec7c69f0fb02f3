import { tellAll } from './alert-desk.ts'
import type { AnalyzerChange } from './analyzer.ts'
import type { AnalyzerState } from './analyzer-state.ts'
import type { PathPlace } from './baseline/place.ts'
import { UsualExecutions } from './baseline/usual-executions.ts'
import { PresentSavings } from './detect/bottleneck/present-savings.ts'
import { simulatedFigure, simulatedObservation } from './detect/simulated-flow.ts'
import { resolveDetection } from './detection-settings.ts'
import { enter } from './enter-flow.ts'
import type { AlertInput } from './explain/alert/alert-book.ts'
import { emptyDesk } from './false-alarm-desk.ts'
import { FlowTable } from './flow-table.ts'
import { KeptExecutions } from './kept-executions.ts'
import { emptyMemoryDesk } from './memory-desk.ts'
import { Observer } from './observer.ts'
import { enqueue } from './pending-executions.ts'
import { hashText } from './stats/hash-uniform.ts'
import { normal, randomStream } from './stats/random-stream.ts'
import { durationUnixNs, unixNsFromMs } from './time/unix-ns.ts'

/** A flow that exists in simulations only: places on its path one after the other, with lognormal ms. */
export interface SimulatedFlow {
  readonly flowId: string
  readonly places: readonly SimulatedPlace[]
}

/** Where its time passes. */
export interface SimulatedPlace extends PathPlace {
  readonly stepId: string
  readonly action?: string
  readonly meanMs: number
}

/** What happened, and at which tick (one a second, an execution of each flow in each) it was told. */
export type ToldChange = AnalyzerChange & { readonly tick: number }

const START_MS = 1_700_000_000_000
const TICK_MS = 1_000

/**
 * Executions of all flows through detectors, findings and alerts, without spans. `slowerBy` is the factor at a place at a
 * tick; `state` is left as it is at the end.
 */
export function simulateTenant(plan: {
  readonly seed: number
  readonly flows: readonly SimulatedFlow[]
  readonly tickCount: number
  readonly sigma?: number
  readonly slowerBy?: (at: { flowId: string; place: SimulatedPlace; tick: number }) => number
  readonly budget?: number
  /** How often all flows enter and what it means is told. */
  readonly tellEveryTicks?: number
}): { readonly told: readonly ToldChange[]; readonly state: AnalyzerState } {
  const {
    seed,
    flows,
    tickCount,
    sigma = 0.2,
    slowerBy = () => 1,
    budget,
    tellEveryTicks = 5,
  } = plan
  const settings = {
    ...resolveDetection(budget === undefined ? {} : { falseAlarmBudgetExecutions: budget }),
    tenant: 'default',
    entryCapacity: 256,
    keptCount: 50,
    marks: [],
  }
  const state = emptyState(flows.length)
  const randoms = flows.map(({ flowId }) => randomStream(seed ^ hashText(flowId)))
  const told: ToldChange[] = []
  for (let tick = 0; tick < tickCount; tick += 1) {
    const nowMs = START_MS + tick * TICK_MS
    for (const [index, { flowId, places }] of flows.entries()) {
      const random = randoms[index] ?? randomStream(seed)
      const rows = places.map((place) => {
        const noise = Math.exp(sigma * normal(random) - sigma ** 2 / 2)
        return { place, ms: place.meanMs * noise * slowerBy({ flowId, place, tick }) }
      })
      const flow = state.flows.use({ tenant: 'default', flowId })
      if (flow === undefined) continue
      enqueue(flow.pending, [observationOf(rows, { seed, tick, flowId, nowMs })], {})
    }
    const isDue = tick % tellEveryTicks === tellEveryTicks - 1 || tick === tickCount - 1
    if (!isDue) continue
    const news = [...state.flows.active()].map((flow) => {
      const inputs: AlertInput[] = []
      const until = { untilUnixNs: unixNsFromMs(nowMs + TICK_MS), isWatermark: true }
      const before = flow.history.nextSequence
      enter(flow, until, { ...settings, flowId: flow.flowId }, state, inputs)
      return { flow, inputs, judgedCount: flow.history.nextSequence - before }
    })
    const changes = tellAll(state, news, { settings, untilUnixNs: unixNsFromMs(nowMs) })
    told.push(...changes.map((change) => ({ ...change, tick })))
  }
  return { told, state }
}

function observationOf(
  rows: readonly { readonly place: SimulatedPlace; readonly ms: number }[],
  at: { seed: number; tick: number; flowId: string; nowMs: number },
) {
  const parts = rows.map(({ place: { stepId, phase, spanName }, ms }) => ({
    place: { stepId, phase, spanName },
    ms,
  }))
  const model = simulatedObservation({
    seed: at.seed,
    index: at.tick,
    parts: rows.map(({ ms }) => ms),
  })
  const startUnixNs = unixNsFromMs(at.nowMs)
  return {
    ...model,
    executionId: `${at.flowId}-${at.seed}-${at.tick}`,
    startUnixNs,
    endUnixNs: startUnixNs + durationUnixNs(model.durationMs),
    parts,
    savings: parts,
    steps: rows.map(({ place: { stepId, action }, ms }) =>
      simulatedFigure({ stepId, action, durationMs: ms, phasesMs: { work: ms } }),
    ),
  }
}

function emptyState(flowCount: number): AnalyzerState {
  const counters = {}
  const limits = {
    activeFlowCount: flowCount,
    maxFlowCount: flowCount,
    maxSleepingBytes: 0,
    maxDefinitionBytes: 0,
  }
  const reportOf = () => {
    throw new Error('no flow sleeps in a simulation')
  }
  return {
    flows: new FlowTable(limits, {
      counters,
      reportOf,
      settle: () => {},
      findingsOf: reportOf,
      forget: () => {},
    }),
    kept: new KeptExecutions({ perFlowCount: 1, maxBytes: 0 }),
    shown: new WeakMap(),
    observer: new Observer(),
    usual: new UsualExecutions(),
    savings: new PresentSavings(),
    marks: [],
    pools: [],
    memory: emptyMemoryDesk(),
    reports: new WeakMap(),
    books: new Map(),
    desk: emptyDesk(),
    counters,
    waitingBytes: 0,
    isRestored: false,
  }
}
