import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { FaultGuard } from './fault-guard.ts'
import { endSpans, profiled } from './fixtures/profiled.ts'
import { watchOwnHeap } from './own-heap.ts'
import { nodeRuntime } from './runtime.ts'

test('a major collection gives one reading, with the limit of this process', async () => {
  const heap = watchOwnHeap({ runtime: nodeRuntime, guard: new FaultGuard() })
  try {
    const found = await afterCollection(() => heap.take())
    expect(found?.usedBytes).toBeGreaterThan(1e6)
    expect(found?.limitBytes).toBeGreaterThan(found?.usedBytes ?? 0)
    expect(found?.process.instanceId).toBe(`pid ${process.pid}`)
  } finally {
    heap.close()
  }
})

test('the profiler gives it to the analyzer, and lets go of it at shutdown', async () => {
  const { analyzer, runtime, profiler, tracer } = profiled()
  endSpans(tracer, 1)
  await afterCollection(() => {
    runtime.advanceMs(1_000)
    return analyzer.heaps[0]
  })
  await profiler.shutdown()
  const { length } = analyzer.heaps
  await collect()
  runtime.advanceMs(1_000)
  expect(analyzer.heaps).toHaveLength(length)
})

/** Collects garbage until something is there; the observer reports in a later turn. */
async function afterCollection<T>(find: () => T | undefined): Promise<T | undefined> {
  for (let turn = 0; turn < 200; turn += 1) {
    await collect()
    const found = find()
    if (found !== undefined) return found
  }
  return undefined
}

async function collect(): Promise<void> {
  setFlagsFromString('--expose-gc')
  // The flag shows the function to contexts that are made from now on.
  const gc: unknown = runInNewContext('gc')
  if (typeof gc === 'function') gc()
  await new Promise((resolve) => setImmediate(resolve))
}
