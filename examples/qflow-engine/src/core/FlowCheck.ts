import type { FlowDefinition } from '../models/FlowDefinition.ts'
import { errorTypes } from '../models/QflowError.ts'
import { findExpressionFault } from './Expression.ts'
import { pointerPart } from './JsonReader.ts'

/** One thing that is wrong in a flow definition. Line and column, from 1, only when it was read from a text. */
export interface FlowIssue {
  /** JSON pointer (RFC 6901); the whole definition is the empty text. */
  readonly pointer: string
  readonly expected: string
  readonly found: string
  readonly line?: number
  readonly column?: number
}

/** A definition that cannot run. The message holds every issue. */
export class FlowDefinitionError extends Error {
  readonly issues: readonly FlowIssue[]

  constructor(issues: readonly FlowIssue[]) {
    super(`Flow definition is wrong:\n${issues.map(describeIssue).join('\n')}`)
    this.name = 'FlowDefinitionError'
    this.issues = issues
  }
}

/** `/steps/0/id (line 3, column 7): expected a text, found nothing`. */
export function describeIssue(issue: FlowIssue): string {
  const place = issue.line === undefined ? '' : ` (line ${issue.line}, column ${issue.column})`
  const pointer = issue.pointer === '' ? '/' : issue.pointer
  return `${pointer}${place}: expected ${issue.expected}, found ${issue.found}`
}

/** The flow, or everything that is wrong with it. */
export type FlowCheckResult =
  | { readonly kind: 'flow'; readonly flow: FlowDefinition }
  | { readonly kind: 'issues'; readonly issues: readonly FlowIssue[] }

type Json = Readonly<Record<string, unknown>>

/** Beyond these a definition is refused. */
const maxSteps = 10_000
const maxParallelDepth = 16
const maxIssues = 50

const stepTypes = ['task', 'condition', 'parallel', 'event-trigger', 'module-call']
const visibilities = ['public', 'dao-only', 'private']
const strategies = ['fixed', 'linear', 'exponential']
const edges = ['onSuccess', 'onFailure', 'onTrue', 'onFalse'] as const

/** Checks shapes, then that every named step exists, then that no step can come again. */
export function checkFlow(candidate: unknown): FlowCheckResult {
  const check = new FlowCheck()
  check.definition(candidate)
  if (check.issues.length > 0) return { kind: 'issues', issues: check.issues.slice(0, maxIssues) }
  // Every field that the type names has been checked above.
  return { kind: 'flow', flow: candidate as FlowDefinition }
}

class FlowCheck {
  readonly issues: FlowIssue[] = []
  readonly stepIds = new Set<string>()
  readonly pointers = new Map<string, string>()
  /** Which step may come after which: for the search of cycles. */
  readonly successors = new Map<string, string[]>()
  /** Which steps a parallel step holds: it must not hold itself. */
  readonly contents = new Map<string, string[]>()
  readonly references: { readonly pointer: string; readonly stepId: string }[] = []

  definition(candidate: unknown): void {
    const flow = this.object(candidate, '')
    if (flow === undefined) return
    for (const name of ['id', 'name', 'version', 'owner']) this.text(flow[name], `/${name}`)
    const metadata = this.object(flow['metadata'], '/metadata')
    if (metadata !== undefined) this.metadata(metadata)
    const steps = this.list(flow['steps'], '/steps')
    if (steps === undefined) return
    if (steps.length === 0 || steps.length > maxSteps) {
      this.wrong('/steps', `1 to ${maxSteps} steps`, String(steps.length))
    }
    for (const [index, step] of steps.slice(0, maxSteps).entries())
      this.step(step, `/steps/${index}`, 0)
    for (const { pointer, stepId } of this.references) {
      if (!this.stepIds.has(stepId)) this.wrong(pointer, 'the id of a step', JSON.stringify(stepId))
    }
    if (this.issues.length === 0) this.cycle(this.successors)
    if (this.issues.length === 0) this.cycle(this.contents)
  }

  metadata(metadata: Json): void {
    this.textList(metadata['tags'], '/metadata/tags')
    this.textList(metadata['requiredPermissions'], '/metadata/requiredPermissions')
    this.text(metadata['category'], '/metadata/category')
    this.oneOf(metadata['visibility'], '/metadata/visibility', visibilities)
    if (metadata['daoSubnet'] !== undefined) this.text(metadata['daoSubnet'], '/metadata/daoSubnet')
  }

  step(candidate: unknown, pointer: string, depth: number): string | undefined {
    const step = this.object(candidate, pointer)
    if (step === undefined) return undefined
    const id = this.text(step['id'], `${pointer}/id`)
    if (id !== undefined && this.stepIds.has(id))
      this.wrong(`${pointer}/id`, 'an id of its own', JSON.stringify(id))
    if (id !== undefined) {
      this.stepIds.add(id)
      this.pointers.set(id, pointer)
    }
    this.oneOf(step['type'], `${pointer}/type`, stepTypes)
    this.text(step['action'], `${pointer}/action`)
    if (step['timeout'] !== undefined) this.number(step['timeout'], `${pointer}/timeout`, 1)
    if (step['retryPolicy'] !== undefined)
      this.retryPolicy(step['retryPolicy'], `${pointer}/retryPolicy`)
    const params = this.object(step['params'], `${pointer}/params`)
    if (params === undefined) return id
    const next = this.edgesOf(step, pointer)
    if (step['type'] === 'condition') next.push(...this.condition(params, `${pointer}/params`))
    const contents =
      step['type'] === 'parallel' ? this.parallel(params, `${pointer}/params`, depth) : []
    if (id === undefined) return undefined
    this.successors.set(id, next)
    this.contents.set(id, contents)
    return id
  }

  edgesOf(step: Json, pointer: string): string[] {
    return edges.flatMap((edge) => {
      const target =
        step[edge] === undefined ? undefined : this.text(step[edge], `${pointer}/${edge}`)
      if (target === undefined) return []
      this.references.push({ pointer: `${pointer}/${edge}`, stepId: target })
      return [target]
    })
  }

  condition(params: Json, pointer: string): string[] {
    const { condition } = params
    const fault = typeof condition === 'string' ? findExpressionFault(condition) : undefined
    if (typeof condition !== 'string' && typeof condition !== 'boolean') {
      this.wrong(`${pointer}/condition`, 'an expression or a boolean', kindOf(condition))
    }
    if (fault !== undefined) this.wrong(`${pointer}/condition`, 'an expression', fault)
    return this.edgesOf({ onTrue: params['onTrue'], onFalse: params['onFalse'] }, pointer)
  }

  /** Gives the ids of its steps. */
  parallel(params: Json, pointer: string, depth: number): string[] {
    const steps = this.list(params['steps'], `${pointer}/steps`) ?? []
    if (steps.length === 0) this.wrong(`${pointer}/steps`, 'at least one step', 'none')
    const { maxConcurrency } = params
    if (typeof maxConcurrency === 'number') {
      this.number(maxConcurrency, `${pointer}/maxConcurrency`, 1)
    }
    if (depth >= maxParallelDepth) {
      this.wrong(pointer, `at most ${maxParallelDepth} parallel steps inside each other`, 'more')
      return []
    }
    return steps.flatMap((step, index) => {
      const at = `${pointer}/steps/${index}`
      if (typeof step === 'string') {
        this.references.push({ pointer: at, stepId: step })
        return [step]
      }
      const id = this.step(step, at, depth + 1)
      return id === undefined ? [] : [id]
    })
  }

  retryPolicy(candidate: unknown, pointer: string): void {
    const policy = this.object(candidate, pointer)
    if (policy === undefined) return
    this.number(policy['maxAttempts'], `${pointer}/maxAttempts`, 1)
    this.number(policy['initialDelay'], `${pointer}/initialDelay`, 0)
    this.number(policy['maxDelay'], `${pointer}/maxDelay`, 0)
    this.oneOf(policy['backoffStrategy'], `${pointer}/backoffStrategy`, strategies)
    const named = policy['retryableErrors']
    if (named === undefined) return
    for (const [index, type] of (this.list(named, `${pointer}/retryableErrors`) ?? []).entries()) {
      this.oneOf(type, `${pointer}/retryableErrors${pointerPart(index)}`, errorTypes)
    }
  }

  /** Takes away, again and again, the steps that nothing left can lead to; what stays is in or behind a cycle. */
  cycle(edgesOf: ReadonlyMap<string, readonly string[]>): void {
    const incoming = new Map([...edgesOf.keys()].map((id) => [id, 0]))
    const count = (id: string, by: number) => incoming.set(id, (incoming.get(id) ?? 0) + by)
    for (const next of edgesOf.values()) for (const id of next) count(id, 1)
    const free = [...incoming].filter(([, edgeCount]) => edgeCount === 0).map(([id]) => id)
    for (let id = free.pop(); id !== undefined; id = free.pop()) {
      incoming.delete(id)
      for (const next of edgesOf.get(id) ?? []) {
        count(next, -1)
        if (incoming.get(next) === 0) free.push(next)
      }
    }
    const [id] = incoming.keys()
    if (id === undefined) return
    const among = [...incoming.keys()].slice(0, 8).join(', ')
    this.wrong(
      this.pointers.get(id) ?? '/steps',
      'steps that lead to an end',
      `a cycle among ${among}`,
    )
  }

  object(value: unknown, pointer: string): Json | undefined {
    // An object that is no list can be read by any key; what is absent is undefined.
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json
    return this.wrong(pointer, 'an object', kindOf(value))
  }

  list(value: unknown, pointer: string): readonly unknown[] | undefined {
    return Array.isArray(value) ? value : this.wrong(pointer, 'a list', kindOf(value))
  }

  textList(value: unknown, pointer: string): void {
    for (const [index, item] of (this.list(value, pointer) ?? []).entries())
      this.text(item, `${pointer}/${index}`)
  }

  text(value: unknown, pointer: string): string | undefined {
    if (typeof value === 'string' && value !== '') return value
    return this.wrong(pointer, 'a text', kindOf(value))
  }

  number(value: unknown, pointer: string, min: number): void {
    if (typeof value === 'number' && Number.isFinite(value) && value >= min) return
    this.wrong(
      pointer,
      `a number of at least ${min}`,
      typeof value === 'number' ? String(value) : kindOf(value),
    )
  }

  oneOf(value: unknown, pointer: string, allowed: readonly string[]): void {
    if (typeof value === 'string' && allowed.includes(value)) return
    this.wrong(
      pointer,
      allowed.join(' | '),
      typeof value === 'string' ? JSON.stringify(value) : kindOf(value),
    )
  }

  wrong(pointer: string, expected: string, found: string): undefined {
    this.issues.push({ pointer, expected, found })
    return undefined
  }
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (value === '') return 'an empty text'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
