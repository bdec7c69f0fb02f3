import type { FlowDefinition, FlowStep } from '@anarq/qflow'
import { type RandomStream, randomStream } from '../../packages/analyzer/src/stats/random-stream.ts'
import { TASK_ACTION } from './task.ts'
import type { StepCosts } from './workload.ts'

/** Steps that are entered at the first and left to `next`. */
export interface Block {
  readonly id: string
  readonly linked: (next: string | undefined) => FlowStep[]
}

/** Draws the parts of a workload one after the other. */
export interface Draft {
  readonly random: Random
  readonly costs: Record<string, StepCosts>
  task(costs?: Partial<StepCosts>, step?: Partial<FlowStep>): Block
  /** Steps side by side, at most `limit` of them. */
  group(children: readonly Block[], limit?: number): Block
  /** One of two, as the coin of the execution falls. */
  branch(onTrue: Block, onFalse: Block): Block
  subFlow(flowId: string): Block
  /** `count` tasks alike. */
  tasks(count: number, costs?: () => Partial<StepCosts>): Block[]
}

interface Random {
  /** Below `end`, from 0. */
  whole(end: number): number
  between(from: number, to: number): number
  isLikely(probability: number): boolean
  pick<T>(list: readonly T[]): T
}

export function createDraft(seed: number): Draft {
  const random = randomOf(randomStream(seed))
  const costs: Record<string, StepCosts> = {}
  // What the engine does around a step is cheap in some workloads and not in others.
  const aroundMs = random.pick([0, 0.5, 3])
  let count = 0
  const nextId = (): string => `s${++count}`
  const price = (id: string, own: Partial<StepCosts>): void => {
    costs[id] = {
      workMs: 0,
      cpuMs: 0,
      calls: [],
      callsAtOnce: false,
      failureCount: 0,
      validationMs: random.between(0, aroundMs),
      ledgerMs: random.between(0, aroundMs),
      listenerMs: 0,
      ...own,
    }
  }
  const block = (step: Omit<FlowStep, 'id'>, own: Partial<StepCosts>): Block => {
    const id = nextId()
    price(id, own)
    return { id, linked: (next) => [leadTo({ id, ...step }, next)] }
  }
  const task: Draft['task'] = (own = {}, step = {}) =>
    block(
      { type: 'task', action: TASK_ACTION, params: {}, ...step },
      { workMs: random.between(10, 60), ...own },
    )
  return {
    random,
    costs,
    task,
    tasks: (length, own) => Array.from({ length }, () => task(own?.())),
    group(children, limit = children.length) {
      const steps = children.flatMap((child) => child.linked(undefined))
      const params = { steps, maxConcurrency: limit }
      return block({ type: 'parallel', action: 'qflow.action.parallel', params }, {})
    },
    branch(onTrue, onFalse) {
      const id = nextId()
      price(id, {})
      const params = { condition: `data.coin < ${random.between(0.2, 0.8)}` }
      const targets = { onTrue: onTrue.id, onFalse: onFalse.id }
      const step = { id, type: 'condition' as const, action: 'qflow.condition.if', params }
      return {
        id,
        linked: (next) => [
          { ...step, ...targets },
          ...onTrue.linked(next),
          ...onFalse.linked(next),
        ],
      }
    },
    subFlow: (flowId) =>
      block(
        {
          type: 'module-call',
          action: 'qflow.module.call',
          params: { flowId, input: { order: '${data.order}' } },
        },
        {},
      ),
  }
}

/** The blocks one after the other, as one. */
export function sequence(blocks: readonly [Block, ...Block[]]): Block {
  return {
    id: blocks[0].id,
    linked: (next) => blocks.flatMap((block, index) => block.linked(blocks[index + 1]?.id ?? next)),
  }
}

export function flowOf(id: string, block: Block): FlowDefinition {
  const now = '2026-01-01T00:00:00.000Z'
  return {
    id,
    name: id,
    version: '1.0.0',
    owner: 'truth',
    steps: block.linked(undefined),
    metadata: { tags: [], category: 'test', visibility: 'public', requiredPermissions: [] },
    createdAt: now,
    updatedAt: now,
  }
}

function leadTo(step: FlowStep, next: string | undefined): FlowStep {
  return next === undefined ? step : { ...step, onSuccess: next }
}

function randomOf(stream: RandomStream): Random {
  const whole = (end: number) => Math.floor(stream() * end)
  return {
    whole,
    between: (from, to) => from + (to - from) * stream(),
    isLikely: (probability) => stream() < probability,
    pick(list) {
      const picked = list[whole(list.length)]
      if (picked === undefined) throw new RangeError('nothing to pick from')
      return picked
    },
  }
}
