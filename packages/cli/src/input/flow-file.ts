import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { FlowDefinition, FlowDefinitionStep } from '@qflow-otel/analyzer'
import { EXIT } from '../exit-code.ts'
import { Failure } from '../failure.ts'
import { isObject, type JsonObject } from '../json-object.ts'
import { visible } from '../text/visible.ts'
import { parseJson } from './parse-json.ts'

/** A definition is small; a trace given by mistake is not. */
const MAX_FLOW_STEPS = 10_000
/** Groups inside groups; deeper is a mistake. */
const MAX_DEPTH = 16
const EXPECTED = "expected a JSON file with a flow's definition"

/** Reads a flow definition as Qflow's documents describe it (JSON). Throws `Failure` with its position. */
export function readFlowFile(file: string): FlowDefinition {
  const flow = objectAt(readJson(file), '', file)
  const flowId = textAt(flow['id'], 'id', file)
  const version = textAt(flow['version'], 'version', file)
  const steps: FlowDefinitionStep[] = []
  const graph = shapesOf(flow['steps'], { file, at: 'steps', depth: 0, steps })
  const sha256 = createHash('sha256').update(JSON.stringify(graph)).digest('hex')
  return { flowId, version, sha256, steps }
}

const EDGES = ['onSuccess', 'onFailure', 'onTrue', 'onFalse'] as const

interface Place {
  readonly file: string
  readonly at: string
  readonly depth: number
  /** All steps, groups' members included, in the order of the document. */
  readonly steps: FlowDefinitionStep[]
}

/** Shapes with their keys in a fixed order, so that equal graphs hash alike. */
function shapesOf(value: unknown, place: Place): readonly object[] {
  if (!Array.isArray(value)) throw wrong(place.file, place.at, 'an array of steps', value)
  return value.map((step, index) => shapeOf(step, { ...place, at: `${place.at}[${index}]` }))
}

function shapeOf(value: unknown, place: Place): object {
  const { file, at, depth, steps } = place
  // A parallel step may name its branches by id alone.
  if (typeof value === 'string') return { id: value }
  const step = objectAt(value, at, file)
  const id = textAt(step['id'], `${at}.id`, file)
  const type = textAt(step['type'], `${at}.type`, file)
  const action = step['action'] === undefined ? '' : textAt(step['action'], `${at}.action`, file)
  const params = isObject(step['params']) ? step['params'] : {}
  const edges: Partial<Record<(typeof EDGES)[number], string>> = {}
  for (const edge of EDGES) {
    const target = step[edge] ?? params[edge]
    if (target !== undefined) edges[edge] = textAt(target, `${at}.${edge}`, file)
  }
  if (steps.length >= MAX_FLOW_STEPS)
    throw wrong(file, at, `at most ${MAX_FLOW_STEPS} steps`, 'more')
  const slot = steps.push({ id, type, action, ...edges }) - 1
  const nested = step['steps'] ?? params['steps']
  const shape = { id, type, ...(action === '' ? {} : { action }), ...edges }
  if (nested === undefined) return shape
  if (depth >= MAX_DEPTH) throw wrong(file, at, `groups at most ${MAX_DEPTH} deep`, 'deeper ones')
  const children = shapesOf(nested, { ...place, at: `${at}.steps`, depth: depth + 1 })
  const ids = children.flatMap((child) => ('id' in child ? [String(child.id)] : []))
  steps[slot] = { id, type, action, ...edges, steps: ids }
  return { ...shape, steps: children }
}

function readJson(file: string): unknown {
  try {
    return parseJson(readFileSync(file, 'utf8'))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    const found = isMissing ? `${EXPECTED}, found no such file` : visible(reason, 300)
    const advice = isMissing && isLikeId(file) ? [ID_ADVICE] : []
    throw new Failure({ code: EXIT.usage, message: `--flow ${visible(file)}: ${found}`, advice })
  }
}

/** No folder, no extension. */
function isLikeId(file: string): boolean {
  return !/[./\\]/.test(file)
}

const ID_ADVICE = 'Is it the id of a flow? About one flow alone: qflow-otel why FLOW FILE…'

function objectAt(value: unknown, at: string, file: string): JsonObject {
  if (isObject(value)) return value
  throw wrong(file, at, 'an object', value)
}

function textAt(value: unknown, at: string, file: string): string {
  if (typeof value === 'string' && value !== '') return value
  throw wrong(file, at, 'a text that is not empty', value)
}

function wrong(file: string, at: string, expected: string, found: unknown): Failure {
  const shown = found === undefined ? 'nothing' : (JSON.stringify(found) ?? String(found))
  return new Failure({
    code: EXIT.usage,
    message: `--flow ${visible(file)}${at === '' ? '' : `: ${visible(at)}`}: expected ${expected}, found ${visible(shown, 60)}`,
  })
}
