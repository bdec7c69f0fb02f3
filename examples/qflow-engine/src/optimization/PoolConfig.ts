/** Makes, checks and ends the resources of a pool. */
export interface ResourceFactory<T> {
  create(): Promise<T> | T
  destroy(resource: T): Promise<void> | void
  validate(resource: T): Promise<boolean> | boolean
  reset?(resource: T): Promise<void> | void
}

/** Times in ms. */
export interface PoolConfig {
  readonly minSize: number
  readonly maxSize: number
  readonly creationTimeout: number
  readonly acquisitionTimeout: number
  /** More waiters than this are refused at once. */
  readonly maxWaiters: number
}

/** Counts since the pool was made; mean times in ms, 0 before the first. */
export interface PoolStats {
  readonly totalResources: number
  readonly availableResources: number
  readonly inUseResources: number
  readonly createdCount: number
  readonly destroyedCount: number
  readonly acquisitionCount: number
  readonly releaseCount: number
  readonly healthCheckCount: number
  readonly averageAcquisitionTime: number
  readonly averageCreationTime: number
}

/** Qflow's own defaults, and a bound of the waiting line. */
export const defaultPoolConfig: PoolConfig = {
  minSize: 0,
  maxSize: 10,
  creationTimeout: 10_000,
  acquisitionTimeout: 30_000,
  maxWaiters: 10_000,
}

/** Throws a RangeError for sizes that are none. */
export function boundedConfig(config: PoolConfig): PoolConfig {
  const { minSize, maxSize } = config
  if (
    Number.isInteger(minSize) &&
    Number.isInteger(maxSize) &&
    minSize >= 0 &&
    maxSize >= Math.max(1, minSize)
  ) {
    return config
  }
  throw new RangeError(
    `Pool sizes: expected 0 <= min <= max, max at least 1; found ${minSize} and ${maxSize}`,
  )
}
