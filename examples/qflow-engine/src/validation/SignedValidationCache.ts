import { isoTime, type Runtime, resolveRuntime } from '../core/Runtime.ts'
import { canonicalJson, equalHex, hmacSha256, sha256 } from '../crypto/Canonical.ts'
import { type KeyRing, keyRing } from '../crypto/KeyRing.ts'
import { type QflowEventEmitter, qflowEventEmitter } from '../events/EventEmitter.ts'
import type { ValidationResult } from '../models/Validation.ts'

interface Entry {
  readonly text: string
  readonly signature: string
  readonly expiresMs: number
}

/** Bounds and services of a cache; those of the process when left out. */
export interface CacheOptions extends Partial<Runtime> {
  readonly events?: QflowEventEmitter
  readonly keys?: KeyRing
  /** The least recently used entry leaves when one more would be held. */
  readonly maxEntries?: number
  readonly ttlMs?: number
}

/** Counts since the cache was made. */
export interface CacheStatistics {
  readonly size: number
  readonly hits: number
  readonly misses: number
  readonly expired: number
  readonly evicted: number
  readonly integrityFailures: number
}

/** Signed verdicts of validation layers, bounded in number and in age. */
export class SignedValidationCache {
  readonly entries = new Map<string, Entry>()
  readonly counts = { hits: 0, misses: 0, expired: 0, evicted: 0, integrityFailures: 0 }
  readonly runtime: Runtime
  readonly events: QflowEventEmitter
  readonly keys: KeyRing
  maxEntries: number
  ttlMs: number

  constructor(options: CacheOptions = {}) {
    this.runtime = resolveRuntime(options)
    this.events = options.events ?? qflowEventEmitter
    this.keys = options.keys ?? keyRing
    this.maxEntries = options.maxEntries ?? 10_000
    this.ttlMs = options.ttlMs ?? 5 * 60 * 1000
  }

  async get(layer: string, data: unknown, policyVersion: string): Promise<ValidationResult | null> {
    const startMs = this.runtime.clock.monotonicMs()
    const key = this.cacheKey(layer, data, policyVersion)
    const entry = this.liveEntry(key, layer)
    if (entry === undefined) {
      this.counts.misses++
      return null
    }
    // The newest use stands last: the first key of the map is the least recently used.
    this.entries.delete(key)
    this.entries.set(key, entry)
    this.counts.hits++
    const nowMs = this.runtime.clock.monotonicMs()
    this.events.emit('q.qflow.cache.hit.v1', {
      layer,
      accessTime: nowMs - startMs,
      ttlRemaining: entry.expiresMs - nowMs,
    })
    // Written by set() and signed since.
    return JSON.parse(entry.text) as ValidationResult
  }

  async set(
    layer: string,
    data: unknown,
    policyVersion: string,
    result: ValidationResult,
    ttlMs: number = this.ttlMs,
  ): Promise<void> {
    const text = JSON.stringify(result)
    const entry = {
      text,
      signature: hmacSha256(this.keys.currentKey(), text),
      expiresMs: this.runtime.clock.monotonicMs() + ttlMs,
    }
    const key = this.cacheKey(layer, data, policyVersion)
    this.entries.delete(key)
    this.entries.set(key, entry)
    this.evict()
    this.events.emit('q.qflow.cache.set.v1', { layer, ttl: ttlMs, entrySize: text.length })
  }

  clear(): void {
    this.entries.clear()
    this.events.emit('q.qflow.cache.cleared.v1', { timestamp: isoTime(this.runtime.clock) })
  }

  getStatistics(): CacheStatistics {
    return { size: this.entries.size, ...this.counts }
  }

  cacheKey(layer: string, data: unknown, policyVersion: string): string {
    return `${layer}:${policyVersion}:${sha256(canonicalJson(data))}`
  }

  private liveEntry(key: string, layer: string): Entry | undefined {
    const entry = this.entries.get(key)
    if (entry === undefined) return undefined
    if (entry.expiresMs <= this.runtime.clock.monotonicMs()) {
      this.entries.delete(key)
      this.counts.expired++
      return undefined
    }
    if (equalHex(entry.signature, hmacSha256(this.keys.currentKey(), entry.text))) return entry
    this.entries.delete(key)
    this.counts.integrityFailures++
    this.events.emit('q.qflow.cache.integrity.failed.v1', { layer, cacheKey: key })
    return undefined
  }

  private evict(): void {
    while (this.entries.size > this.maxEntries) {
      const [oldest] = this.entries.keys()
      if (oldest === undefined) return
      this.entries.delete(oldest)
      this.counts.evicted++
    }
  }
}

/** The cache of the process. */
export const signedValidationCache: SignedValidationCache = new SignedValidationCache()
