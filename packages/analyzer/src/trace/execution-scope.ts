import { earlierOf, laterOf } from '../time/unix-ns.ts'
import type { SpanNode } from './span-tree.ts'

/** Which spans make up the execution, and whose child each one is there. */
export interface ExecutionScope {
  /** Indices of the nodes in the execution, parents before children, siblings in sorted order. */
  readonly order: readonly number[]
  /** Levels below the top, by node index. */
  readonly depth: Int32Array
  /** Effective parent by node index: -1 for the top level. */
  readonly parent: Int32Array
  readonly startUnixNs: bigint
  readonly endUnixNs: bigint
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
 *
 * Segments stand at the top, and what lost its parent hangs under the segment in which it starts.
 */
export function executionScope({ nodes, flags, isFinalSegment }: ScopeInput): ExecutionScope {
  const raw = Int32Array.from(nodes, (node) => node.parent)
  const rawOrder = preorder(raw, (index) => index)
  const isInside = insideOwn(nodes, rawOrder)
  const extent = extentOf(nodes, isInside, isFinalSegment)
  const isCallerTop = topsAboveOwn(nodes, rawOrder)
  const isMember = membersOf({ nodes, rawOrder, isInside, isCallerTop, extent })
  const parent = effectiveParents(nodes, isMember, flags)
  adoptByAttempts(nodes, isMember, parent)
  const order = preorder(parent, (index) => (isMember[index] === 1 ? index : NONE))
  return { order, parent, depth: depthsOf(order, parent), ...extent }
}

/** Parents first, without recursion; `keep` answers -1 for nodes to leave out. O(n). */
function preorder(parent: Int32Array, keep: (index: number) => number): number[] {
  const firstChild = new Int32Array(parent.length).fill(NONE)
  const nextSibling = new Int32Array(parent.length).fill(NONE)
  const tops: number[] = []
  for (let index = parent.length - 1; index >= 0; index--) {
    if (keep(index) === NONE) continue
    const above = parent[index] ?? NONE
    if (above === NONE) {
      tops.push(index)
      continue
    }
    nextSibling[index] = firstChild[above] ?? NONE
    firstChild[above] = index
  }
  const order: number[] = []
  const open = tops
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    order.push(index)
    const sibling = nextSibling[index] ?? NONE
    const child = firstChild[index] ?? NONE
    if (sibling !== NONE) open.push(sibling)
    if (child !== NONE) open.push(child)
  }
  return order
}

/** 1 where the span itself or its nearest claiming ancestor is own; a sub-flow's root counts where it hangs. */
function insideOwn(nodes: readonly SpanNode[], rawOrder: readonly number[]): Uint8Array {
  const isInside = new Uint8Array(nodes.length)
  const passesOn = new Uint8Array(nodes.length)
  for (const index of rawOrder) {
    const node = nodes[index]
    if (node === undefined) continue
    const inherited = node.parent === NONE ? 0 : (passesOn[node.parent] ?? 0)
    if (node.claim === 'own') isInside[index] = 1
    if (node.claim === 'plain') isInside[index] = inherited
    if (node.claim === 'guest' && node.role === 'execution') isInside[index] = inherited
    passesOn[index] = node.claim === 'guest' ? 0 : (isInside[index] ?? 0)
  }
  return isInside
}

type Extent = Pick<ExecutionScope, 'startUnixNs' | 'endUnixNs' | 'hasEnded'>

/**
 * From the first own start to the last end of a segment once one ended for good, so that a step which goes on after
 * an abort does not stretch the execution; before that to the last end known.
 */
function extentOf(
  nodes: readonly SpanNode[],
  isInside: Uint8Array,
  isFinalSegment: (node: SpanNode) => boolean,
): Extent {
  const own = nodes.filter((_, index) => isInside[index] === 1)
  const measured = own.length > 0 ? own : nodes
  const hasEnded = own.some(isFinalSegment)
  const ending = hasEnded ? own.filter(isSegment) : measured
  const firstUnixNs = measured[0]?.record.startUnixNs ?? 0n
  const startUnixNs = measured.reduce(
    (at, node) => earlierOf(at, node.record.startUnixNs),
    firstUnixNs,
  )
  const endUnixNs = ending.reduce((at, node) => laterOf(at, node.endUnixNs), startUnixNs)
  return { startUnixNs, endUnixNs, hasEnded }
}

/** By node index: 1 for a top-level span of somebody else with an own span below it. */
function topsAboveOwn(nodes: readonly SpanNode[], rawOrder: readonly number[]): Uint8Array {
  const hasOwnBelow = new Uint8Array(nodes.length)
  for (let at = rawOrder.length - 1; at >= 0; at--) {
    const index = rawOrder[at] ?? NONE
    const node = nodes[index]
    if (node === undefined || node.parent === NONE) continue
    if (node.claim === 'own' || hasOwnBelow[index] === 1) hasOwnBelow[node.parent] = 1
  }
  return hasOwnBelow
}

function membersOf(input: {
  readonly nodes: readonly SpanNode[]
  readonly rawOrder: readonly number[]
  readonly isInside: Uint8Array
  readonly isCallerTop: Uint8Array
  readonly extent: Extent
}): Uint8Array {
  const { nodes, rawOrder, isInside, isCallerTop, extent } = input
  const isMember = Uint8Array.from(isInside)
  /** What a top-level span says about all below it that belong to nobody. */
  const isFree = new Uint8Array(nodes.length)
  for (const index of rawOrder) {
    const node = nodes[index]
    if (node === undefined || node.claim !== 'plain' || isInside[index] === 1) continue
    const isTop = node.parent === NONE
    isFree[index] = isTop ? Number(isCallerTop[index] === 0) : (isFree[node.parent] ?? 0)
    const overlaps =
      node.record.startUnixNs < extent.endUnixNs && node.endUnixNs > extent.startUnixNs
    isMember[index] = Number(isFree[index] === 1 && (overlaps || isWithin(node, extent)))
  }
  return isMember
}

/** Zero-length spans overlap nothing, yet may lie inside. */
function isWithin(node: SpanNode, extent: Extent): boolean {
  return node.record.startUnixNs >= extent.startUnixNs && node.endUnixNs <= extent.endUnixNs
}

function effectiveParents(
  nodes: readonly SpanNode[],
  isMember: Uint8Array,
  flags: Set<string>,
): Int32Array {
  const segments = segmentsOf(nodes)
  const parent = new Int32Array(nodes.length).fill(NONE)
  for (const [index, node] of nodes.entries()) {
    if (isMember[index] !== 1 || isSegment(node)) continue
    if (node.parent !== NONE && isMember[node.parent] === 1) {
      parent[index] = node.parent
      continue
    }
    if (isLost(node)) flags.add('missing_parent')
    parent[index] = segments.at(node.record.startUnixNs)
  }
  return parent
}

/** The parent of a server or consumer span lives in another process and need not be known. */
function isLost(node: SpanNode): boolean {
  const { kind } = node.record
  return node.isParentMissing && kind !== 'server' && kind !== 'consumer'
}

/** Answers in O(log n) which segment an instant falls into; of two loops at once the one that began later. */
function segmentsOf(nodes: readonly SpanNode[]): { at(unixNs: bigint): number } {
  const segments: { index: number; start: bigint; end: bigint; longest: number }[] = []
  for (const [index, node] of nodes.entries()) {
    if (!isSegment(node)) continue
    const at = segments.length
    const before = segments[at - 1]?.longest ?? at
    const longest = node.endUnixNs > (segments[before]?.end ?? -1n) ? at : before
    segments.push({ index, start: node.record.startUnixNs, end: node.endUnixNs, longest })
  }
  return {
    at(unixNs) {
      const last = segments[upperBound(segments, (segment) => segment.start <= unixNs) - 1]
      if (last === undefined) return NONE
      if (unixNs < last.end) return last.index
      const longest = segments[last.longest]
      return longest !== undefined && unixNs < longest.end ? longest.index : NONE
    },
  }
}

/**
 * The user's spans know the step as their parent, since the attempt is not what was active when they were made.
 * One that lies within an attempt of its step belongs there.
 */
function adoptByAttempts(
  nodes: readonly SpanNode[],
  isMember: Uint8Array,
  parent: Int32Array,
): void {
  const attemptsByStep = new Map<number, number[]>()
  for (const [index, node] of nodes.entries()) {
    const step = parent[index] ?? NONE
    if (isMember[index] !== 1 || node.role !== 'attempt' || nodes[step]?.role !== 'step') continue
    const attempts = attemptsByStep.get(step)
    if (attempts === undefined) attemptsByStep.set(step, [index])
    else attempts.push(index)
  }
  for (const [index, node] of nodes.entries()) {
    const attempts = attemptsByStep.get(parent[index] ?? NONE)
    if (attempts === undefined || (node.role !== 'foreign' && node.role !== 'detail')) continue
    const startsBefore = (attempt: number): boolean =>
      (nodes[attempt]?.record.startUnixNs ?? 0n) <= node.record.startUnixNs
    const attempt = attempts[upperBound(attempts, startsBefore) - 1] ?? NONE
    if (attempt !== NONE && node.endUnixNs <= (nodes[attempt]?.endUnixNs ?? 0n))
      parent[index] = attempt
  }
}

function depthsOf(order: readonly number[], parent: Int32Array): Int32Array {
  const depth = new Int32Array(parent.length)
  for (const index of order) {
    const above = parent[index] ?? NONE
    depth[index] = above === NONE ? 0 : (depth[above] ?? 0) + 1
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
