import type { Plain, PoolContention, QueueReport } from '@qflow-otel/analyzer'
import type { ComponentChildren, VNode } from 'preact'
import { countOfText, countText, durationText, percentText } from './format.ts'
import { ExecutionLink, FlowLink } from './links.tsx'
import { NumberCell, NumberHead } from './number-cell.tsx'
import { SpanText } from './span-text.tsx'

/** As many as a cell holds; the answer has all. */
const MAX_NAMED_COUNT = 3

/** Who waited for a pool or for a turn in a group, and who had it meanwhile. */
export function Contention({
  pools,
  queues,
}: {
  pools: readonly Plain<PoolContention>[]
  queues: readonly Plain<QueueReport>[]
}): VNode {
  return (
    <>
      {pools.map((pool) => (
        <Pool key={JSON.stringify(pool.pool)} contention={pool} />
      ))}
      {queues.length > 0 && <Queues queues={queues} />}
    </>
  )
}

function Pool({ contention }: { contention: Plain<PoolContention> }): VNode {
  const { pool, waitCount, waitMs, unexplainedMs, holders, use } = contention
  return (
    <Table
      caption={
        <>
          {pool === undefined ? 'Pools without a name' : <SpanText text={pool} maxLength={60} />}:
          waited {durationText(waitMs)} in {countOfText(waitCount, 'acquisition')}
          {use !== undefined && (
            <>
              , {use.meanHeldCount.toPrecision(2)} held on average, at most{' '}
              {countText(use.maxHeldCount)} at once
            </>
          )}
          {unexplainedMs > 0 && (
            <>, during {percentText(unexplainedMs / waitMs)} of it no holder was seen</>
          )}
        </>
      }
      heads={['held meanwhile by', 'for', 'of all that was held', 'e.g.']}
    >
      {holders.map(({ flowId, stepId, heldMs, share, executionIds: [executionId] }) => (
        <tr key={JSON.stringify([flowId, stepId])}>
          <th scope="row">
            <FlowLink flowId={flowId} />
            {stepId !== undefined && (
              <span class="part">
                <SpanText text={stepId} maxLength={40} />
              </span>
            )}
          </th>
          <NumberCell label="for">{durationText(heldMs)}</NumberCell>
          <NumberCell label="of all that was held">{percentText(share)}</NumberCell>
          <NumberCell label="e.g.">
            {executionId !== undefined && <ExecutionLink executionId={executionId} />}
          </NumberCell>
        </tr>
      ))}
    </Table>
  )
}

function Queues({ queues }: { queues: readonly Plain<QueueReport>[] }): VNode {
  return (
    <Table
      caption="Waiting for a turn in a parallel group"
      heads={['step', 'group', 'waited each time', 'times', 'while these ran']}
    >
      {queues.map(({ containerId, stepId, waitMs, waitCount, holders }) => (
        <tr key={JSON.stringify([containerId, stepId])}>
          <th scope="row">
            <SpanText text={stepId} maxLength={40} />
          </th>
          <td data-label="group">
            {containerId !== undefined && <SpanText text={containerId} maxLength={40} />}
          </td>
          <NumberCell label="waited each time">{durationText(waitMs / waitCount)}</NumberCell>
          <NumberCell label="times">{countText(waitCount)}</NumberCell>
          <td data-label="while these ran">
            {holders.slice(0, MAX_NAMED_COUNT).map((holder, at) => (
              <span key={holder.stepId}>
                {at > 0 && ', '}
                <SpanText text={holder.stepId} maxLength={40} />{' '}
                {percentText(holder.ranMs / waitMs)}
              </span>
            ))}
          </td>
        </tr>
      ))}
    </Table>
  )
}

/** The first column is text, and so is the last of a wide one. */
function Table({
  caption,
  heads,
  children,
}: {
  caption: ComponentChildren
  heads: readonly string[]
  children: ComponentChildren
}): VNode {
  return (
    <table class="records">
      <caption>{caption}</caption>
      <thead>
        <tr>
          {heads.map((head, at) =>
            at === 0 ? (
              <th key={head} scope="col">
                {head}
              </th>
            ) : (
              <NumberHead key={head}>{head}</NumberHead>
            ),
          )}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  )
}
