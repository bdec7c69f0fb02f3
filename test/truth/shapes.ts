import { type Block, type Draft, flowOf, sequence } from './draft.ts'
import type { Place, StepCosts, Workload } from './workload.ts'

/** What a shape decides; the rest of a workload is drawn alike for all. */
export interface Shape extends Partial<Pick<Workload, 'pools' | 'admissionMs'>> {
  readonly flows: Workload['flows']
  /** Where a delay may be injected. */
  readonly places: readonly Place[]
  readonly load?: Partial<Workload['load']>
  /** Steps whose attempts are given up when they take longer than this part of their mean work, and tried again. */
  readonly timeoutRatios?: Readonly<Record<string, number>>
}

/** Kinds of flows. */
export const shapes: Readonly<Record<string, (draft: Draft) => Shape>> = {
  chain,
  calls,
  group,
  'limited group': limitedGroup,
  'nested groups': nestedGroups,
  branches,
  'sub-flow': subFlow,
  retries,
  'shared pool': sharedPool,
  'engine costs': engineCosts,
}

function chain(draft: Draft): Shape {
  const tasks = draft.tasks(3 + draft.random.whole(5))
  return { flows: [flowOf('main', inOrder(tasks))], places: workOf(tasks) }
}

function calls(draft: Draft): Shape {
  const { random } = draft
  const peers = ['stock', 'payment', 'mail']
  const costs = (): Partial<StepCosts> => ({
    workMs: random.between(2, 15),
    callsAtOnce: random.isLikely(0.5),
    calls: Array.from({ length: 1 + random.whole(3) }, () => ({
      peer: random.pick(peers),
      ms: random.between(10, 50),
    })),
  })
  const tasks = draft.tasks(2 + random.whole(3), costs)
  const used = tasks.flatMap(({ id }) =>
    (draft.costs[id]?.calls ?? []).map(({ peer }) => ({ stepId: id, spanName: `GET ${peer}` })),
  )
  const everywhere = used.map(({ spanName }) => ({ spanName }))
  return {
    flows: [flowOf('main', inOrder(tasks))],
    places: [...used, ...everywhere, ...workOf(tasks)],
  }
}

function group(draft: Draft): Shape {
  const children = draft.tasks(2 + draft.random.whole(5))
  const [before, after] = draft.tasks(2)
  return {
    flows: [flowOf('main', inOrder([before, draft.group(children), after]))],
    places: [...workOf(children), ...workOf([before, after])],
  }
}

function limitedGroup(draft: Draft): Shape {
  const { random } = draft
  const children = draft.tasks(4 + random.whole(5))
  const [before] = draft.tasks(1)
  const limited = draft.group(children, 2 + random.whole(2))
  const queue = { stepId: undefined, phase: 'queue' as const }
  return {
    flows: [flowOf('main', inOrder([before, limited]))],
    places: [...workOf(children), ...children.map(() => queue)],
  }
}

function nestedGroups(draft: Draft): Shape {
  const { random } = draft
  const leaves = draft.tasks(5 + random.whole(4))
  const [first, second, ...rest] = leaves
  const inner = draft.group(inBlocks([first, second]))
  const other = draft.group(rest.slice(0, -1), random.pick([rest.length, 2]))
  const outer = draft.group([inner, other, ...rest.slice(-1)])
  const around = (['validation', 'ledger'] as const).map((phase) => ({ stepId: undefined, phase }))
  return {
    flows: [flowOf('main', inOrder([outer, ...draft.tasks(1)]))],
    places: [...workOf(leaves), ...around],
  }
}

function branches(draft: Draft): Shape {
  const [start, ...tasks] = draft.tasks(7)
  const [a, b, c, d, e, end] = tasks
  const wide = draft.group(inBlocks([c, d]))
  const fork = draft.branch(inOrder([a, b]), draft.branch(wide, inOrder([e])))
  return {
    flows: [flowOf('main', inOrder([start, fork, end]))],
    places: workOf([start, ...tasks]),
  }
}

function subFlow(draft: Draft): Shape {
  const { random } = draft
  const inside = draft.tasks(2 + random.whole(3))
  const child = random.isLikely(0.5) ? inOrder(inside) : draft.group(inside)
  const [before, beside, after] = draft.tasks(3)
  const call = draft.subFlow('child')
  const middle = random.isLikely(0.5) ? [draft.group(inBlocks([call, beside]))] : [call, beside]
  const span = { spanName: 'execute_flow child' }
  return {
    flows: [flowOf('main', inOrder([before, ...middle, after])), flowOf('child', child)],
    places: [span, span, span, ...workOf([before, beside, after])],
  }
}

function retries(draft: Draft): Shape {
  const { random } = draft
  const flaky = Array.from({ length: 1 + random.whole(2) }, () =>
    draft.task(
      { failureCount: 1 + random.whole(3) },
      {
        retryPolicy: {
          maxAttempts: 12,
          backoffStrategy: random.pick(['fixed', 'linear', 'exponential'] as const),
          initialDelay: random.between(5, 40),
          maxDelay: 200,
        },
      },
    ),
  )
  const backoffs = flaky.map(({ id }) => ({ stepId: id, phase: 'retry_backoff' as const }))
  const [before, after] = draft.tasks(2)
  const isTimed = random.isLikely(0.3)
  return {
    flows: [flowOf('main', inOrder([before, ...flaky, after]))],
    places: [...backoffs, ...workOf(flaky), ...workOf([after])],
    ...(isTimed && { timeoutRatios: Object.fromEntries(flaky.map(({ id }) => [id, 1.15])) }),
  }
}

function sharedPool(draft: Draft): Shape {
  const { random } = draft
  const size = 1 + random.whole(3)
  const pooled = Array.from({ length: 1 + random.whole(3) }, () =>
    draft.task({}, { params: { pool: 'database' } }),
  )
  const free = draft.tasks(2)
  const middle = random.isLikely(0.5) ? [draft.group(pooled)] : pooled
  const [before, after] = free
  const wait = { stepId: undefined, phase: 'resource_wait' as const }
  return {
    flows: [flowOf('main', inOrder([before, ...middle, after]))],
    pools: { database: { size, acquireMs: random.pick([0, 4]) } },
    load: { laneCount: size + random.whole(4) },
    places: [wait, wait, ...workOf(pooled), ...workOf(free)],
  }
}

function engineCosts(draft: Draft): Shape {
  const { random } = draft
  const isBusy = random.isLikely(0.5)
  const costs = (): Partial<StepCosts> => ({
    validationMs: random.between(3, 30),
    ledgerMs: random.between(3, 20),
    ...(isBusy && { listenerMs: random.between(1, 8), cpuMs: random.between(0, 20) }),
  })
  const children = draft.tasks(2 + random.whole(3), costs)
  const tasks = draft.tasks(2, costs)
  const [before, after] = tasks
  const places = [...tasks, ...children].flatMap(({ id }): Place[] => [
    { stepId: id, phase: 'validation' },
    { stepId: id, phase: 'ledger' },
    { stepId: id, phase: isBusy ? 'engine' : 'work' },
    { stepId: undefined, phase: random.pick(['validation', 'ledger', 'engine'] as const) },
  ])
  return {
    flows: [flowOf('main', inOrder([before, draft.group(children), after]))],
    places,
    admissionMs: random.between(5, 60),
    load: { laneCount: 1 + random.whole(3) },
  }
}

function workOf(blocks: readonly (Block | undefined)[]): Place[] {
  return inBlocks(blocks).map(({ id }) => ({ stepId: id, phase: 'work' }))
}

function inOrder(blocks: readonly (Block | undefined)[]): Block {
  const [first, ...rest] = inBlocks(blocks)
  if (first === undefined) throw new RangeError('a flow has a step')
  return sequence([first, ...rest])
}

/** Taken out of a list that was made long enough. */
function inBlocks(blocks: readonly (Block | undefined)[]): Block[] {
  return blocks.filter((block) => block !== undefined)
}
