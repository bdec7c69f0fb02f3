import {
  createQflow,
  initializeQflow,
  KeyRing,
  type QflowInstance,
  shutdownQflow,
} from '@anarq/qflow'
import { uniformFrom } from '../../packages/analyzer/src/stats/hash-uniform.ts'
import { charge } from './charge.ts'
import type { Recording } from './recording.ts'
import type { Workload } from './workload.ts'
import type { World } from './world.ts'

const SUBNET = 'dao.truth'

/** An instrumented engine that runs one workload. */
export interface Run {
  /** Executes those of these numbers. */
  readonly execute: (range: { readonly from: number; readonly to: number }) => Promise<void>
  /** Ids of the executions of the workload's first flow by their number. */
  readonly executionIds: readonly string[]
  readonly close: () => Promise<void>
}

/** The name keeps the ids of two runs in one recording apart. */
export async function openRun(
  name: string,
  workload: Workload,
  { world, recording }: { readonly world: World; readonly recording: Recording },
): Promise<Run> {
  const qflow = await createEngine(name, world)
  charge(qflow, workload, { world, tracer: recording.tracer })
  const detach = recording.attach(qflow)
  for (const flow of workload.flows) qflow.executionEngine.registerFlow(flow)
  const executionIds: string[] = []
  return {
    executionIds,
    execute: ({ from, to }) =>
      world.run(async () => {
        const lane = async (first: number): Promise<void> => {
          for (let order = first; order < to; order += workload.load.laneCount)
            executionIds[order] = await execute(qflow, workload, order)
        }
        const lanes = Array.from({ length: workload.load.laneCount }, (_, index) => from + index)
        await Promise.all(lanes.map(lane))
      }),
    async close() {
      detach()
      await shutdownQflow(qflow)
    },
  }
}

async function createEngine(name: string, world: World): Promise<QflowInstance> {
  let count = 0
  const createId = (prefix: string) => `${prefix}_${name}_${++count}`
  const keys = new KeyRing('truth', Buffer.alloc(32, 7))
  const qflow = createQflow({ ...world.runtime, createId, keys })
  const limits = { maxConcurrentExecutions: 10_000 }
  await qflow.services.dao.registerDAOSubnet({ id: SUBNET, name: SUBNET, policies: [], limits })
  await initializeQflow({ instance: qflow, subnets: [SUBNET] })
  return qflow
}

async function execute(
  { executionEngine, services }: QflowInstance,
  { seed, flows, forgetEvery }: Workload,
  order: number,
): Promise<string> {
  if (forgetEvery > 0 && order % forgetEvery === 0) services.pipeline.clearCache()
  const id = await executionEngine.startExecution(flows[0]?.id ?? '', {
    triggeredBy: 'truth',
    triggerType: 'manual',
    inputData: { order, coin: uniformFrom(seed, order) },
    variables: {},
    daoSubnet: SUBNET,
    permissions: [],
  })
  await executionEngine.waitForExecution(id)
  return id
}
