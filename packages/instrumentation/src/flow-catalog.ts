import { matches, type Settings } from './config.ts'
import type { FlowDefinitionShape } from './definition.ts'
import { describeFlow } from './definition.ts'
import { type FlowSurface, findFlow, type StepSurface, stringOf } from './qflow-surface.ts'
import type { StepSeries } from './signals/series.ts'
import type { Tally } from './signals/tally.ts'

/** Flow ids without a readable definition, and events sent, that are remembered. */
const MAX_REMEMBERED = 1_000

/** Steps remembered per flow; a flow that makes up step ids pays for its strings each time beyond it. */
const MAX_STEPS = 10_000

/** What is the same in every run of one definition, made once. */
export interface FlowFacts {
  readonly flowId: string | undefined
  readonly version: string | undefined
  readonly stepCount: number | undefined
  readonly owner: unknown
  readonly spanName: string
  readonly isIgnored: boolean
  /** Facts of one of its steps. */
  step(step: StepSurface): StepFacts
  /** The definition's shape the first time this version is asked for, then `undefined`. */
  takeShape(): FlowDefinitionShape | undefined
}

export interface StepFacts {
  readonly id: string
  readonly type: string | undefined
  readonly action: string | undefined
  readonly spanName: string
  readonly attemptName: string
  readonly isIgnored: boolean
  readonly series: StepSeries
}

export interface FlowCatalog {
  /** Facts of the definition that the engine has under this id now. */
  factsOf(engine: unknown, flowId: unknown): FlowFacts
  /** Forgets what depends on settings. */
  forget(): void
}

export function createFlowCatalog(tally: Tally, settings: () => Settings): FlowCatalog {
  let byDefinition = new WeakMap<object, FlowFacts>()
  let byId = new Map<string | undefined, FlowFacts>()
  const sent = new Set<string>()
  const make = (flowId: string | undefined, flow: FlowSurface | undefined) =>
    createFlowFacts(flowId, flow, { tally, settings, sent })
  return {
    factsOf(engine, flowId) {
      const flow = findFlow(engine, flowId)
      if (flow === undefined) {
        const id = stringOf(flowId)
        const known = byId.get(id)
        if (known) return known
        const made = make(id, undefined)
        if (byId.size < MAX_REMEMBERED) byId.set(id, made)
        return made
      }
      const known = byDefinition.get(flow)
      if (known) return known
      const made = make(stringOf(flowId), flow)
      byDefinition.set(flow, made)
      return made
    },
    forget() {
      byDefinition = new WeakMap()
      byId = new Map()
    },
  }
}

interface Surroundings {
  readonly tally: Tally
  readonly settings: () => Settings
  readonly sent: Set<string>
}

function createFlowFacts(
  givenId: string | undefined,
  flow: FlowSurface | undefined,
  { tally, settings, sent }: Surroundings,
): FlowFacts {
  const steps = new Map<string, StepFacts>()
  const clip = (text: string | undefined) => text && tally.clip(text)
  const flowId = clip(givenId)
  const version = clip(textOf(flow?.version))
  let isTaken = false
  return {
    flowId,
    version,
    stepCount: Array.isArray(flow?.steps) ? flow.steps.length : undefined,
    owner: flow?.owner,
    spanName: flowId === undefined ? 'execute_flow' : `execute_flow ${flowId}`,
    isIgnored: givenId !== undefined && matches(settings().ignoreFlows, givenId),
    step(step) {
      const known = steps.get(step.id)
      if (known && known.type === step.type && known.action === step.action) return known
      const made = createStepFacts(step, flowId, tally, settings())
      if (steps.size < MAX_STEPS) steps.set(step.id, made)
      return made
    },
    takeShape() {
      if (isTaken || flow === undefined) return undefined
      isTaken = true
      const shape = describeFlow(flow)
      if (shape === undefined) {
        tally.drop('graph_limit')
        return undefined
      }
      const key = JSON.stringify([flowId, version, shape.sha256])
      if (sent.has(key)) return undefined
      // Sending one twice is harmless; an endless set is not.
      if (sent.size >= MAX_REMEMBERED) sent.clear()
      sent.add(key)
      return shape
    },
  }
}

function createStepFacts(
  step: StepSurface,
  flowId: string | undefined,
  tally: Tally,
  settings: Settings,
): StepFacts {
  const type = stringOf(step.type)
  const action = stringOf(step.action)
  const { ignoreSteps } = settings
  const id = tally.clip(step.id)
  return {
    id,
    type: type && tally.clip(type),
    action: action && tally.clip(action),
    spanName: `execute_step ${id}`,
    attemptName: `attempt ${id}`,
    isIgnored:
      matches(ignoreSteps, step.id) || (action !== undefined && matches(ignoreSteps, action)),
    series: tally.steps.seriesOf(flowId ?? 'unknown', id),
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'number' ? String(value) : stringOf(value)
}
