import { createHash } from 'node:crypto'
import { type FlowSurface, isObject, stringOf } from './qflow-surface.ts'

/** What the analyzer may know of a definition: its shape, never its params. */
export interface FlowDefinitionShape {
  /** Hex SHA-256 of {@link graph}. */
  readonly sha256: string
  /** JSON array of {id, type, action, onSuccess, onFailure, onTrue, onFalse, steps}. */
  readonly graph: string
  readonly stepCount: number
}

/** Longer graphs are not sent: many backends cut attributes, and half a graph is none. */
const MAX_GRAPH_LENGTH = 65_536

/** Nesting deeper than this is a cycle or nonsense. */
const MAX_DEPTH = 16

/** Steps read of one definition, nested ones included: a cycle of a few steps unfolds to millions within the depth. */
const MAX_STEPS = 10_000

interface StepShape {
  id: string
  type?: string
  action?: string
  onSuccess?: string
  onFailure?: string
  onTrue?: string
  onFalse?: string
  steps?: StepShape[]
}

/** The graph of a flow; `undefined` when it has no readable steps or is too large to send. */
export function describeFlow(flow: FlowSurface): FlowDefinitionShape | undefined {
  if (!Array.isArray(flow.steps)) return undefined
  const budget = { left: MAX_STEPS }
  const shapes = shapesOf(flow.steps, 0, budget)
  if (budget.left < 0) return undefined
  const graph = JSON.stringify(shapes)
  if (graph.length > MAX_GRAPH_LENGTH) return undefined
  const sha256 = createHash('sha256').update(graph).digest('hex')
  return { sha256, graph, stepCount: flow.steps.length }
}

interface Budget {
  left: number
}

function shapesOf(steps: readonly unknown[], depth: number, budget: Budget): StepShape[] {
  const shapes: StepShape[] = []
  for (const step of steps) {
    if (--budget.left < 0) break
    const shape = shapeOf(step, depth, budget)
    if (shape) shapes.push(shape)
  }
  return shapes
}

/** Keys in a fixed order, so that equal graphs have equal text. Depth is bounded, so recursion is. */
function shapeOf(step: unknown, depth: number, budget: Budget): StepShape | undefined {
  // A parallel step may name its branches by id alone.
  if (typeof step === 'string') return { id: step }
  if (!isObject(step) || typeof step['id'] !== 'string') return undefined
  const shape: StepShape = { id: step['id'] }
  // Conditions carry their branches beside or inside their params.
  const params = isObject(step['params']) ? step['params'] : {}
  for (const key of ['type', 'action', 'onSuccess', 'onFailure'] as const) {
    const text = stringOf(step[key])
    if (text !== undefined) shape[key] = text
  }
  for (const key of ['onTrue', 'onFalse'] as const) {
    const text = stringOf(step[key]) ?? stringOf(params[key])
    if (text !== undefined) shape[key] = text
  }
  const children = step['steps'] ?? params['steps']
  if (Array.isArray(children) && depth < MAX_DEPTH)
    shape.steps = shapesOf(children, depth + 1, budget)
  return shape
}
