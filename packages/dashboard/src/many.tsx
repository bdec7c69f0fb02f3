import type { FlowReport, Plain, PoolContention } from '@qflow-otel/analyzer'
import type { VNode } from 'preact'
import { Contention } from './contention.tsx'
import { SpeedupCurves } from './speedup-curves.tsx'
import { VariantTable } from './variant-table.tsx'

/** What only many executions tell: what a speed-up would bring, which branches were taken, who waited for whom. */
export function Many({
  flow,
  pools,
}: {
  flow: Plain<FlowReport>
  /** Of all flows; those that this one waits for or holds are shown. */
  pools: readonly Plain<PoolContention>[]
}): VNode {
  const { curves, variants, queues } = flow
  const own = pools.filter(({ waiters, holders }) =>
    [...waiters, ...holders].some(({ flowId }) => flowId === flow.flowId),
  )
  return (
    <>
      {curves.length > 0 && (
        <section aria-labelledby="speed-up">
          <h2 id="speed-up">Saved, if a place took a part of its time</h2>
          <SpeedupCurves curves={curves} />
        </section>
      )}
      {variants.length > 1 && (
        <section aria-labelledby="variants">
          <h2 id="variants">Variants</h2>
          <VariantTable variants={variants} />
        </section>
      )}
      {own.length + queues.length > 0 && (
        <section aria-labelledby="waiting">
          <h2 id="waiting">Who waited for whom</h2>
          <Contention pools={own} queues={queues} />
        </section>
      )}
    </>
  )
}
