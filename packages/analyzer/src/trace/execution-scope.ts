import type { SpanNode } from './span-tree.ts'

/** Which spans make up the execution, and whose child each one is there. Times are as the nodes' are. */
export interface ExecutionScope {
  /** Indices of the nodes in the execution, parents before children, siblings in sorted order. */
  readonly order: readonly number[]
  /** Levels below the top, by node index. */
  readonly depth: readonly number[]
  /** Effective parent by node index: -1 for the top level. */
  readonly parent: readonly number[]
  readonly startNs: number
  readonly endNs: number
  /** A segment ended for good, so that the execution's end is known. */
  readonly hasEnded: boolean
}

export interface ScopeInput {
  readonly nodes: readonly SpanNode[]
  readonly flags: Set<string>
  /** Ended in a state that is neither paused nor running. */
  readonly isFinalSegment: (node: SpanNode) => boolean
}

const NONE = -1

/**
 * Own spans and all below them are in. A sub-flow's root is in, as one row, and its own spans are not: they are an
 * execution of their own. A span above the execution (its caller) and the caller's other children are out: the
 * execution neither waits for them nor ends with them. A span whose ancestors are unknown is in when it overlaps.
 * Segments stand at the top, and what lost its parent hangs under the segment in which it starts. The assembler counts
 * what is out.
 */
export function executionScope({ nodes, flags, isFinalSegment }: ScopeInput): ExecutionScope {
  const rawOrder = preorder(parentsOf(nodes), undefined)
  const inside = insideOwn(nodes, rawOrder)
  const extent = extentOf(nodes, inside, isFinalSegment)
  // Of most executions every span is inside.
  const isMember =
    inside.count === nodes.length
      ? inside.isInside
      : membersOf({ nodes, rawOrder, isInside: inside.isInside, extent })
  const parent = effectiveParents(nodes, isMember, flags)
  adoptByAttempts(nodes, isMember, parent)
  const order = preorder(parent, isMember)
  return { order, parent, depth: depthsOf(order, parent), ...extent }
}

function parentsOf(nodes: readonly SpanNode[]): number[] {
  const parents: number[] = []
  for (const node of nodes) parents.push(node.parent)
  return parents
}

function filled<T>(count: number, value: T): T[] {
  return new Array<T>(count).fill(value)
}

/** Parents first, without recursion; only members, where they are given. O(n). */
function preorder(
  parent: readonly number[],
  isMember: readonly boolean[] | undefined,
): readonly number[] {
  const firstChild = filled(parent.length, NONE)
  const nextSibling = filled(parent.length, NONE)
  const open: number[] = []
  for (let index = parent.length - 1; index >= 0; index--) {
    if (isMember !== undefined && isMember[index] !== true) continue
    const above = parent[index] ?? NONE
    if (above === NONE) {
      open.push(index)
      continue
    }
    nextSibling[index] = firstChild[above] ?? NONE
    firstChild[above] = index
  }
  const order: number[] = []
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    order.push(index)
    const sibling = nextSibling[index] ?? NONE
    const child = firstChild[index] ?? NONE
    if (sibling !== NONE) open.push(sibling)
    if (child !== NONE) open.push(child)
  }
  return order
}

interface Inside {
  readonly isInside: readonly boolean[]
  readonly count: number
}

/** Where the span itself or its nearest claiming ancestor is own; a sub-flow's root counts where it hangs. */
function insideOwn(nodes: readonly SpanNode[], rawOrder: readonly number[]): Inside {
  const isInside = filled(nodes.length, false)
  const passesOn = filled(nodes.length, false)
  let count = 0
  for (const index of rawOrder) {
    const node = nodes[index]
    if (node === undefined) continue
    const isInherited = node.parent !== NONE && passesOn[node.parent] === true
    const isIn = node.claim === 'own' || (isInherited && mayInherit(node))
    isInside[index] = isIn
    passesOn[index] = isIn && node.claim !== 'guest'
    if (isIn) count++
  }
  return { isInside, count }
}

function mayInherit(node: SpanNode): boolean {
  return node.claim === 'plain' || node.role === 'execution'
}

type Extent = Pick<ExecutionScope, 'startNs' | 'endNs' | 'hasEnded'>

/**
 * From the first own start to the last end of a segment once one ended for good, so that a step which goes on after
 * an abort does not stretch the execution; before that to the last end known. Without a span of its own, all count.
 */
function extentOf(
  nodes: readonly SpanNode[],
  { isInside, count }: Inside,
  isFinalSegment: (node: SpanNode) => boolean,
): Extent {
  let startNs = Number.POSITIVE_INFINITY
  let lastEndNs = Number.NEGATIVE_INFINITY
  let segmentsEndNs = Number.NEGATIVE_INFINITY
  let hasEnded = false
  for (let index = 0; index < nodes.length; index++) {
    // An index below the length.
    const node = nodes[index] as SpanNode
    if (count > 0 && isInside[index] !== true) continue
    startNs = Math.min(startNs, node.startNs)
    lastEndNs = Math.max(lastEndNs, node.endNs)
    if (!isSegment(node)) continue
    segmentsEndNs = Math.max(segmentsEndNs, node.endNs)
    hasEnded ||= isFinalSegment(node)
  }
  if (startNs === Number.POSITIVE_INFINITY) return { startNs: 0, endNs: 0, hasEnded }
  return { startNs, endNs: Math.max(startNs, hasEnded ? segmentsEndNs : lastEndNs), hasEnded }
}

/** By node index: whether it is a top-level span of somebody else with an own span below it. */
function topsAboveOwn(nodes: readonly SpanNode[], rawOrder: readonly number[]): readonly boolean[] {
  const hasOwnBelow = filled(nodes.length, false)
  for (let at = rawOrder.length - 1; at >= 0; at--) {
    const index = rawOrder[at] ?? NONE
    const node = nodes[index]
    if (node === undefined || node.parent === NONE) continue
    if (node.claim === 'own' || hasOwnBelow[index] === true) hasOwnBelow[node.parent] = true
  }
  return hasOwnBelow
}

function membersOf(input: {
  readonly nodes: readonly SpanNode[]
  readonly rawOrder: readonly number[]
  readonly isInside: readonly boolean[]
  readonly extent: Extent
}): readonly boolean[] {
  const { nodes, rawOrder, isInside, extent } = input
  const isCallerTop = topsAboveOwn(nodes, rawOrder)
  const isMember = [...isInside]
  /** What a top-level span says about all below it that belong to nobody. */
  const isFree = filled(nodes.length, false)
  for (const index of rawOrder) {
    const node = nodes[index]
    if (node === undefined || node.claim !== 'plain' || isInside[index] === true) continue
    const isTop = node.parent === NONE
    isFree[index] = isTop ? isCallerTop[index] !== true : isFree[node.parent] === true
    const overlaps = node.startNs < extent.endNs && node.endNs > extent.startNs
    isMember[index] = isFree[index] === true && (overlaps || isWithin(node, extent))
  }
  return isMember
}

/** Zero-length spans overlap nothing, yet may lie inside. */
function isWithin(node: SpanNode, extent: Extent): boolean {
  return node.startNs >= extent.startNs && node.endNs <= extent.endNs
}

function effectiveParents(
  nodes: readonly SpanNode[],
  isMember: readonly boolean[],
  flags: Set<string>,
): number[] {
  const parents = filled(nodes.length, NONE)
  let segments: Segments | undefined
  for (let index = 0; index < nodes.length; index++) {
    // An index below the length.
    const node = nodes[index] as SpanNode
    if (isMember[index] !== true || isSegment(node)) continue
    if (node.parent !== NONE && isMember[node.parent] === true) {
      parents[index] = node.parent
      continue
    }
    if (isLost(node)) flags.add('missing_parent')
    segments ??= segmentsOf(nodes)
    parents[index] = segments.at(node.startNs)
  }
  return parents
}

/** The parent of a server or consumer span lives in another process and need not be known. */
function isLost(node: SpanNode): boolean {
  const { kind } = node.record
  return node.isParentMissing && kind !== 'server' && kind !== 'consumer'
}

interface Segments {
  /** Index of the node, `NONE` where there is none. */
  at(ns: number): number
}

/** Answers in O(log n) which segment an instant falls into; of two loops at once the one that began later. */
function segmentsOf(nodes: readonly SpanNode[]): Segments {
  const segments: { index: number; startNs: number; endNs: number; longest: number }[] = []
  for (const [index, node] of nodes.entries()) {
    if (!isSegment(node)) continue
    const at = segments.length
    const before = segments[at - 1]?.longest ?? at
    const longest = node.endNs > (segments[before]?.endNs ?? Number.NEGATIVE_INFINITY) ? at : before
    segments.push({ index, startNs: node.startNs, endNs: node.endNs, longest })
  }
  return {
    at(ns) {
      const last = segments[upperBound(segments, (segment) => segment.startNs <= ns) - 1]
      if (last === undefined) return NONE
      if (ns < last.endNs) return last.index
      const longest = segments[last.longest]
      return longest !== undefined && ns < longest.endNs ? longest.index : NONE
    },
  }
}

/**
 * The user's spans know the step as their parent, since the attempt is not what was active when they were made.
 * One that lies within an attempt of its step belongs there.
 */
function adoptByAttempts(
  nodes: readonly SpanNode[],
  isMember: readonly boolean[],
  parent: number[],
): void {
  const attemptsByStep = attemptsOf(nodes, isMember, parent)
  if (attemptsByStep === undefined) return
  for (const [index, node] of nodes.entries()) {
    const attempts = attemptsByStep.get(parent[index] ?? NONE)
    if (attempts === undefined || (node.role !== 'foreign' && node.role !== 'detail')) continue
    const startsBefore = (attempt: number): boolean =>
      (nodes[attempt]?.startNs ?? 0) <= node.startNs
    const attempt = attempts[upperBound(attempts, startsBefore) - 1] ?? NONE
    if (attempt !== NONE && node.endNs <= (nodes[attempt]?.endNs ?? 0)) parent[index] = attempt
  }
}

/** Attempts in order of start, by the index of their step; absent in most executions, which have none. */
function attemptsOf(
  nodes: readonly SpanNode[],
  isMember: readonly boolean[],
  parent: readonly number[],
): ReadonlyMap<number, readonly number[]> | undefined {
  let attemptsByStep: Map<number, number[]> | undefined
  for (let index = 0; index < nodes.length; index++) {
    if (nodes[index]?.role !== 'attempt' || isMember[index] !== true) continue
    const step = parent[index] ?? NONE
    if (nodes[step]?.role !== 'step') continue
    attemptsByStep ??= new Map()
    const attempts = attemptsByStep.get(step)
    if (attempts === undefined) attemptsByStep.set(step, [index])
    else attempts.push(index)
  }
  return attemptsByStep
}

function depthsOf(order: readonly number[], parent: readonly number[]): readonly number[] {
  const depth = filled(parent.length, 0)
  for (const index of order) {
    const above = parent[index] ?? NONE
    if (above !== NONE) depth[index] = (depth[above] ?? 0) + 1
  }
  return depth
}

export function isSegment(node: SpanNode): boolean {
  return node.claim === 'own' && node.role === 'execution'
}

/** Number of leading entries for which `holds` is true; it must be true for a prefix only. */
function upperBound<T>(sorted: readonly T[], holds: (entry: T) => boolean): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    const entry = sorted[middle]
    if (entry !== undefined && holds(entry)) low = middle + 1
    else high = middle
  }
  return low
}
