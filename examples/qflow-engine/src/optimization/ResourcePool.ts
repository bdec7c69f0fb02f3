import { EventEmitter } from 'node:events'
import { type Runtime, resolveRuntime } from '../core/Runtime.ts'
import { QflowError } from '../models/QflowError.ts'
import {
  boundedConfig,
  defaultPoolConfig,
  type PoolConfig,
  type PoolStats,
  type ResourceFactory,
} from './PoolConfig.ts'

interface Waiter<T> {
  readonly resolve: (resource: T) => void
  readonly reject: (error: Error) => void
  timer: unknown
}

/** At most `maxSize` resources; who finds none free waits in line, first come, first served. */
export class ResourcePool<T> extends EventEmitter {
  readonly available: T[] = []
  readonly inUse = new Set<T>()
  readonly acquisitionQueue: Waiter<T>[] = []
  readonly factory: ResourceFactory<T>
  readonly runtime: Runtime
  readonly counts = { created: 0, destroyed: 0, acquired: 0, released: 0, healthChecks: 0 }
  config: PoolConfig
  /** Being created: they count against `maxSize`. */
  creatingCount = 0
  acquisitionTotalMs = 0
  creationTotalMs = 0
  isDraining = false

  constructor(
    factory: ResourceFactory<T>,
    config: Partial<PoolConfig> = {},
    runtime: Partial<Runtime> = {},
  ) {
    super()
    this.factory = factory
    this.config = boundedConfig({ ...defaultPoolConfig, ...config })
    this.runtime = resolveRuntime(runtime)
  }

  /** Rejects when a resource cannot be created or none comes free in time. */
  async acquire(): Promise<T> {
    const startMs = this.runtime.clock.monotonicMs()
    try {
      if (this.isDraining) throw new QflowError('resource_exhausted', 'The pool is draining')
      const resource = await this.getAvailableResource(startMs)
      this.counts.acquired++
      this.acquisitionTotalMs += this.runtime.clock.monotonicMs() - startMs
      return resource
    } catch (error) {
      this.emit('acquisition_failed', { error })
      throw error
    }
  }

  async release(resource: T): Promise<void> {
    if (!this.inUse.has(resource)) {
      this.emit('invalid_release', { resource })
      return
    }
    this.counts.released++
    const usable = await this.resetResource(resource)
    if (!usable || this.isDraining || this.totalCount() > this.config.maxSize) {
      await this.destroyResource(resource)
      this.serveWaiters()
      return
    }
    this.emit('resource_released', { resource })
    const waiter = this.acquisitionQueue.shift()
    if (waiter === undefined) {
      this.inUse.delete(resource)
      this.available.push(resource)
      return
    }
    this.runtime.timers.clearTimeout(waiter.timer)
    waiter.resolve(resource)
  }

  /** Grows and shrinks at once; resources in use beyond the new size are destroyed when they come back. */
  async resize(minSize: number, maxSize: number): Promise<void> {
    this.config = boundedConfig({ ...this.config, minSize, maxSize })
    while (this.available.length > 0 && this.totalCount() > maxSize) {
      const resource = this.available.pop()
      if (resource !== undefined) await this.destroyResource(resource)
    }
    this.serveWaiters()
    await this.warmUp()
    this.emit('pool_resized', { minSize, maxSize })
  }

  /** Creates resources up to `minSize`. */
  async warmUp(): Promise<void> {
    while (this.totalCount() < this.config.minSize && !this.isDraining) {
      const resource = await this.createResource()
      this.inUse.delete(resource)
      this.available.push(resource)
      this.serveWaiters()
    }
    this.emit('pool_warmed', { size: this.totalCount() })
  }

  /** Refuses who waits and who comes, destroys what is free; what is in use is destroyed when released. */
  async drain(): Promise<void> {
    this.isDraining = true
    for (const waiter of this.acquisitionQueue.splice(0)) {
      this.runtime.timers.clearTimeout(waiter.timer)
      waiter.reject(new QflowError('resource_exhausted', 'The pool is draining'))
    }
    for (const resource of this.available.splice(0)) await this.destroyResource(resource)
    this.emit('pool_drained')
  }

  /** Destroys free resources that are no longer valid. */
  async performHealthCheck(): Promise<void> {
    this.counts.healthChecks++
    for (const resource of [...this.available]) {
      const isValid = await this.factory.validate(resource)
      const index = this.available.indexOf(resource)
      if (isValid || index === -1) continue
      this.available.splice(index, 1)
      await this.destroyResource(resource)
    }
    this.emit('health_check_completed', { available: this.available.length })
  }

  getStats(): PoolStats {
    const { created, destroyed, acquired, released, healthChecks } = this.counts
    return {
      totalResources: this.totalCount(),
      availableResources: this.available.length,
      inUseResources: this.inUse.size,
      createdCount: created,
      destroyedCount: destroyed,
      acquisitionCount: acquired,
      releaseCount: released,
      healthCheckCount: healthChecks,
      averageAcquisitionTime: acquired === 0 ? 0 : this.acquisitionTotalMs / acquired,
      averageCreationTime: created === 0 ? 0 : this.creationTotalMs / created,
    }
  }

  async getAvailableResource(startMs: number): Promise<T> {
    for (let free = this.available.pop(); free !== undefined; free = this.available.pop()) {
      this.inUse.add(free)
      if (await this.factory.validate(free)) return free
      await this.destroyResource(free)
    }
    if (this.totalCount() < this.config.maxSize) return this.createResource()
    return this.waitForResource(startMs)
  }

  /** The wait in line; `startMs` is when the acquisition began. */
  async waitForResource(startMs: number): Promise<T> {
    if (this.acquisitionQueue.length >= this.config.maxWaiters) {
      throw new QflowError(
        'resource_exhausted',
        `${this.config.maxWaiters} are waiting for the pool`,
      )
    }
    const leftMs = startMs + this.config.acquisitionTimeout - this.runtime.clock.monotonicMs()
    return new Promise((resolve, reject) => {
      const waiter: Waiter<T> = { resolve, reject, timer: undefined }
      waiter.timer = this.runtime.timers.setTimeout(() => this.giveUp(waiter), leftMs)
      this.acquisitionQueue.push(waiter)
    })
  }

  /** The new resource is in use. */
  async createResource(): Promise<T> {
    const { clock } = this.runtime
    const startMs = clock.monotonicMs()
    this.creatingCount++
    try {
      const resource = await this.withinCreationTimeout(this.factory.create())
      this.inUse.add(resource)
      this.counts.created++
      const creationMs = clock.monotonicMs() - startMs
      this.creationTotalMs += creationMs
      this.emit('resource_created', { resource, creationTime: creationMs })
      return resource
    } catch (error) {
      this.emit('creation_failed', { error })
      throw error
    } finally {
      this.creatingCount--
    }
  }

  async destroyResource(resource: T): Promise<void> {
    this.inUse.delete(resource)
    this.counts.destroyed++
    await this.factory.destroy(resource)
    this.emit('resource_destroyed', { resource })
  }

  private totalCount(): number {
    return this.available.length + this.inUse.size + this.creatingCount
  }

  /** A waiter whose time is over leaves the line, so that no resource is handed to nobody. */
  private giveUp(waiter: Waiter<T>): void {
    const index = this.acquisitionQueue.indexOf(waiter)
    if (index === -1) return
    this.acquisitionQueue.splice(index, 1)
    const waitedMs = this.config.acquisitionTimeout
    waiter.reject(
      new QflowError('resource_exhausted', `No resource came free within ${waitedMs} ms`),
    )
  }

  /** Room that came free without a release: those who wait get free or new resources. */
  private serveWaiters(): void {
    while (this.acquisitionQueue.length > 0) {
      const free = this.available.pop()
      if (free === undefined && this.totalCount() >= this.config.maxSize) return
      const waiter = this.acquisitionQueue.shift()
      if (waiter === undefined) return
      this.runtime.timers.clearTimeout(waiter.timer)
      if (free === undefined) {
        this.createResource().then(waiter.resolve, waiter.reject)
        continue
      }
      this.inUse.add(free)
      waiter.resolve(free)
    }
  }

  private async resetResource(resource: T): Promise<boolean> {
    try {
      await this.factory.reset?.(resource)
      return true
    } catch (error) {
      this.emit('release_failed', { resource, error })
      return false
    }
  }

  private async withinCreationTimeout(creation: Promise<T> | T): Promise<T> {
    if (!(creation instanceof Promise)) return creation
    const { timers } = this.runtime
    const { creationTimeout } = this.config
    let timer: unknown
    const timeout = new Promise<never>((_resolve, reject) => {
      timer = timers.setTimeout(() => {
        reject(
          new QflowError('resource_exhausted', `Creation took longer than ${creationTimeout} ms`),
        )
        // Nobody waits for it any more; its own failure has nobody to tell either.
        creation.then((late) => this.factory.destroy(late)).catch(() => {})
      }, creationTimeout)
    })
    try {
      return await Promise.race([creation, timeout])
    } finally {
      timers.clearTimeout(timer)
    }
  }
}
