import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createVirtualTime } from '../core/VirtualTime.ts'
import type { PoolConfig } from './PoolConfig.ts'
import { ResourcePool } from './ResourcePool.ts'
import { ResourcePoolManager } from './ResourcePoolManager.ts'

interface Resource {
  readonly n: number
}

function setUp(config: Partial<PoolConfig> = {}) {
  const time = createVirtualTime()
  const destroyed: number[] = []
  let nextNumber = 1
  const pool = new ResourcePool<Resource>(
    {
      create: () => ({ n: nextNumber++ }),
      destroy: ({ n }) => void destroyed.push(n),
      validate: () => true,
    },
    { maxSize: 1, acquisitionTimeout: 100, ...config },
    time,
  )
  return { time, pool, destroyed }
}

test('who finds none free waits in line, first come first served', async () => {
  const { pool, time } = setUp()
  const first = await pool.acquire()
  const order: string[] = []
  const second = pool.acquire().then((resource) => {
    order.push('second')
    return resource
  })
  const third = pool.acquire().then(() => order.push('third'))
  await time.advance(30)
  await pool.release(first)
  await pool.release(await second)
  await third
  expect(order).toEqual(['second', 'third'])
  expect(pool.getStats()).toMatchObject({
    createdCount: 1,
    acquisitionCount: 3,
    averageAcquisitionTime: 20,
  })
})

test('a waiter whose time is over leaves the line, and no resource is lost', async () => {
  const { pool, time } = setUp()
  const failures: unknown[] = []
  pool.on('acquisition_failed', (data) => failures.push(data))
  const first = await pool.acquire()
  const second = expect(pool.acquire()).rejects.toMatchObject({ type: 'resource_exhausted' })
  await time.advance(100)
  await second
  await pool.release(first)
  expect(failures).toHaveLength(1)
  expect(pool.getStats()).toMatchObject({ availableResources: 1, inUseResources: 0 })
})

test('resizing shrinks as resources come back and serves the line as it grows', async () => {
  const { pool, destroyed } = setUp({ maxSize: 3 })
  const [a, b, c] = [await pool.acquire(), await pool.acquire(), await pool.acquire()]
  await pool.resize(0, 1)
  await pool.release(a)
  await pool.release(b)
  expect([destroyed, pool.inUse.size]).toEqual([[1, 2], 1])
  const waiting = pool.acquire()
  await pool.resize(0, 2)
  expect((await waiting).n).toBe(4)
  await pool.release(c)
  expect(pool.available).toEqual([c])
  await expect(pool.resize(2, 1)).rejects.toThrow('expected 0 <= min <= max')
})

test('a failing creation rejects and leaves room', async () => {
  let isBroken = true
  const pool = new ResourcePool<Resource>(
    {
      create: () => {
        if (isBroken) throw new Error('no server')
        return { n: 1 }
      },
      destroy: () => {},
      validate: () => true,
    },
    { maxSize: 1 },
  )
  await expect(pool.acquire()).rejects.toThrow('no server')
  isBroken = false
  expect(await pool.acquire()).toEqual({ n: 1 })
})

test('a creation that takes too long is given up, and what comes late is destroyed', async () => {
  const time = createVirtualTime()
  const destroyed: unknown[] = []
  const pool = new ResourcePool<Resource>(
    {
      create: () => new Promise((resolve) => time.timers.setTimeout(() => resolve({ n: 1 }), 50)),
      destroy: (resource) => void destroyed.push(resource),
      validate: () => true,
    },
    { maxSize: 1, creationTimeout: 20 },
    time,
  )
  const acquiring = expect(pool.acquire()).rejects.toThrow('Creation took longer than 20 ms')
  await time.advance(50)
  await acquiring
  expect(destroyed).toEqual([{ n: 1 }])
})

test('what no longer works is replaced; what was not acquired cannot be released', async () => {
  const valid = new Set<Resource>()
  const pool = new ResourcePool<Resource>(
    { create: () => ({ n: 1 }), destroy: () => {}, validate: (resource) => valid.has(resource) },
    { maxSize: 1 },
  )
  const first = await pool.acquire()
  await pool.release(first)
  expect(await pool.acquire()).not.toBe(first)
  const invalid: unknown[] = []
  pool.on('invalid_release', (data) => invalid.push(data))
  await pool.release(first)
  expect(invalid).toHaveLength(1)
})

test('draining refuses who waits and who comes', async () => {
  const { pool, destroyed } = setUp()
  const first = await pool.acquire()
  const waiting = expect(pool.acquire()).rejects.toThrow('draining')
  await pool.drain()
  await waiting
  await expect(pool.acquire()).rejects.toThrow('draining')
  await pool.release(first)
  expect(destroyed).toEqual([1])
})

test('never more in use than its size, and nobody waits while one is free', async () => {
  const action = fc.constantFrom('acquire', 'release', 'grow', 'shrink')
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 40 }), async (actions) => {
      const { pool, time } = setUp({ maxSize: 2, acquisitionTimeout: 1_000 })
      const held: Resource[] = []
      for (const name of actions) {
        if (name === 'acquire') void pool.acquire().then((resource) => held.push(resource))
        const resource = name === 'release' ? held.shift() : undefined
        if (resource !== undefined) await pool.release(resource)
        if (name === 'grow') await pool.resize(0, 4)
        if (name === 'shrink' && held.length <= 1) await pool.resize(0, 1)
        await time.settle()
        expect(pool.inUse.size).toBe(held.length)
        if (pool.acquisitionQueue.length > 0) expect(pool.available).toEqual([])
        if (name === 'acquire' && pool.acquisitionQueue.length > 0) {
          expect(held.length).toBeGreaterThanOrEqual(pool.config.maxSize)
        }
      }
    }),
    { seed: 4, numRuns: 60 },
  )
})

test('a manager knows its pools by name and refuses a name twice', async () => {
  const manager = new ResourcePoolManager()
  const factory = { create: () => ({}), destroy: () => {}, validate: () => true }
  const pool = manager.createPool('http', factory)
  expect(manager.getPool('http')).toBe(pool)
  expect(pool.config).toMatchObject({ minSize: 3, maxSize: 15 })
  expect(Object.keys(manager.getAllStats())).toEqual(['http'])
  expect(() => manager.createPool('http', factory)).toThrow('Pool http exists')
  await manager.cleanup()
  expect(manager.getPool('http')).toBeUndefined()
})
