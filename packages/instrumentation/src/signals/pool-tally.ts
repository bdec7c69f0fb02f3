import { isObject } from '../qflow-surface.ts'

/** Pools told apart; engines have a handful, so more is a mistake that must not fill memory. */
const MAX_POOLS = 100

interface PoolUsage {
  readonly idle: number | undefined
  readonly used: number | undefined
  readonly pending: number | undefined
}

interface PoolWait {
  waitNs: number
  /** Acquisitions by error class; '' are those that succeeded. */
  readonly countByError: Map<string, number>
}

/** Names, waits and live usage of the resource pools. */
export interface PoolTally {
  /** Remembers a pool's name, which only `createPool` knows. */
  name(pool: object, name: string): void
  nameOf(pool: object): string | undefined
  add(name: string, waitNs: number, errorType: string): void
  waits(): Iterable<readonly [string, PoolWait]>
  /** Reads the pools' own fields now. */
  usage(): Iterable<readonly [string, PoolUsage]>
}

export function createPoolTally(onFull: () => void): PoolTally {
  const names = new WeakMap<object, string>()
  const alive = new Map<string, WeakRef<object>>()
  const waits = new Map<string, PoolWait>()
  const waitOf = (name: string): PoolWait | undefined => {
    const known = waits.get(name)
    if (known || waits.size >= MAX_POOLS) return known
    const made: PoolWait = { waitNs: 0, countByError: new Map() }
    waits.set(name, made)
    return made
  }
  return {
    name(pool, name) {
      names.set(pool, name)
      if (alive.has(name) || alive.size < MAX_POOLS) alive.set(name, new WeakRef(pool))
      else onFull()
    },
    nameOf: (pool) => names.get(pool),
    add(name, waitNs, errorType) {
      const wait = waitOf(name)
      if (wait === undefined) return onFull()
      wait.waitNs += waitNs
      wait.countByError.set(errorType, (wait.countByError.get(errorType) ?? 0) + 1)
    },
    waits: () => waits,
    *usage() {
      for (const [name, reference] of alive) {
        const pool = reference.deref()
        if (pool === undefined) alive.delete(name)
        else yield [name, usageOf(pool)]
      }
    },
  }
}

function usageOf(pool: object): PoolUsage {
  if (!isObject(pool)) return { idle: undefined, used: undefined, pending: undefined }
  return {
    idle: sizeOf(pool['available']),
    used: sizeOf(pool['inUse']),
    pending: sizeOf(pool['acquisitionQueue']),
  }
}

function sizeOf(value: unknown): number | undefined {
  if (Array.isArray(value)) return value.length
  return value instanceof Set || value instanceof Map ? value.size : undefined
}
