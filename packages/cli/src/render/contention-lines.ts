import type { Plain, PoolContention, QueueReport } from '@qflow-otel/analyzer'
import { EMPTY_LINE, type Line, piece } from '../text/line.ts'
import { count, counted, duration, percent } from '../text/quantity.ts'
import { wrapped } from '../text/wrapped.ts'
import type { Layout } from './layout.ts'

/** Where to begin; `--json` has all. */
const MAX_LISTED = 3
const MAX_NAMED = 3
/** A free slot takes some µs to get: no wait anybody would explain. */
const MIN_WAIT_MS = 1

/** Which steps waited for a turn in their parallel group, and which ran meanwhile. */
export function queueLines(
  queues: readonly Plain<QueueReport>[],
  { width }: Layout,
): readonly Line[] {
  const long = queues.filter(({ waitMs, waitCount }) => waitMs >= MIN_WAIT_MS * waitCount)
  if (long.length === 0) return []
  const sentences = long.slice(0, MAX_LISTED).map(({ containerId, stepId, ...queue }) => {
    const group = containerId === undefined ? 'its group' : containerId
    const ran = queue.holders
      .slice(0, MAX_NAMED)
      .map((holder) => `${holder.stepId} ${percent(holder.ranMs / queue.waitMs)}`)
    const meanwhile = ran.length === 0 ? '' : `, of which ${ran.join(', ')} ran`
    return `${stepId} waited ${duration(queue.waitMs / queue.waitCount)} for its turn in ${group}, ${counted(queue.waitCount, 'time')}${meanwhile}`
  })
  return [EMPTY_LINE, ...section('Queues', sentences, width)]
}

/** Who waited for a pool and who held it meanwhile, over all flows. */
export function poolLines(
  pools: readonly Plain<PoolContention>[],
  { width }: Layout,
): readonly Line[] {
  if (pools.length === 0) return []
  return [...section('Pools', pools.map(poolSentence), width), EMPTY_LINE]
}

function poolSentence(contention: Plain<PoolContention>): string {
  const { pool = 'a pool without a name', waitMs, waitCount, waiters, use } = contention
  const waited = waiters
    .slice(0, MAX_NAMED)
    .map((waiter) => `${stepName(waiter)} ${duration(waiter.waitMs)}`)
  const most =
    use === undefined
      ? ''
      : `; ${use.meanHeldCount.toPrecision(2)} held on average, at most ${count(use.maxHeldCount)} at once`
  const who = waited.length === 0 ? '' : ` (${waited.join(', ')})`
  return `${pool}: waited for ${duration(waitMs)} in ${counted(waitCount, 'acquisition')}${who}${heldClause(contention)}${most}`
}

function heldClause({ holders, unexplainedMs, waitMs }: Plain<PoolContention>): string {
  if (waitMs === 0) return ''
  const held = holders
    .slice(0, MAX_NAMED)
    .map((holder) => `${stepName(holder)} ${percent(holder.share)}`)
  const unknown =
    unexplainedMs > 0 ? `; during ${percent(unexplainedMs / waitMs)} of it no holder was seen` : ''
  return held.length === 0 ? unknown : `, held meanwhile by ${held.join(', ')}${unknown}`
}

function stepName({ flowId, stepId }: { flowId: string; stepId: string | undefined }): string {
  return stepId === undefined ? flowId : `${flowId} › ${stepId}`
}

function section(title: string, sentences: readonly string[], width: number): readonly Line[] {
  return [
    [piece(title, 'strong')],
    ...sentences.flatMap((text) => wrapped({ text, width, indent: 2 })),
  ]
}
