import { EventEmitter } from 'node:events'
import { type Runtime, resolveRuntime } from '../core/Runtime.ts'
import type { PoolConfig, PoolStats, ResourceFactory } from './PoolConfig.ts'
import { ResourcePool } from './ResourcePool.ts'

export { ResourcePool }

const namedDefaults: Readonly<Record<string, Partial<PoolConfig>>> = {
  wasm: { minSize: 2, maxSize: 10 },
  database: { minSize: 5, maxSize: 20 },
  http: { minSize: 3, maxSize: 15 },
}

/** Pools by name. */
export class ResourcePoolManager extends EventEmitter {
  readonly pools = new Map<string, ResourcePool<unknown>>()
  readonly runtime: Runtime

  constructor(options: Partial<Runtime> = {}) {
    super()
    this.runtime = resolveRuntime(options)
  }

  /** A name that is taken is refused: its resources would be lost. */
  createPool<T>(
    name: string,
    factory: ResourceFactory<T>,
    config: Partial<PoolConfig> = {},
  ): ResourcePool<T> {
    if (this.pools.has(name)) throw new Error(`Pool ${name} exists`)
    const defaults = Object.hasOwn(namedDefaults, name) ? namedDefaults[name] : undefined
    const pool = new ResourcePool<T>(factory, { ...defaults, ...config }, this.runtime)
    pool.on('resource_created', (data) =>
      this.emit('pool_resource_created', { poolName: name, ...data }),
    )
    pool.on('resource_destroyed', (data) =>
      this.emit('pool_resource_destroyed', { poolName: name, ...data }),
    )
    pool.on('acquisition_failed', (data) =>
      this.emit('pool_acquisition_failed', { poolName: name, ...data }),
    )
    // A pool hands out only what its own factory made, so the wider view is never given anything else.
    this.pools.set(name, pool as unknown as ResourcePool<unknown>)
    this.emit('pool_created', { poolName: name, config: pool.config })
    return pool
  }

  getPool(name: string): ResourcePool<unknown> | undefined {
    return this.pools.get(name)
  }

  getAllStats(): Record<string, PoolStats> {
    return Object.fromEntries([...this.pools].map(([name, pool]) => [name, pool.getStats()]))
  }

  async cleanup(): Promise<void> {
    await Promise.all([...this.pools.values()].map((pool) => pool.drain()))
    this.pools.clear()
    this.emit('all_pools_cleaned')
  }
}
