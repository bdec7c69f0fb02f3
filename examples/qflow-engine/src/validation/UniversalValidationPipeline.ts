import { isoTime, type Runtime, resolveRuntime } from '../core/Runtime.ts'
import { type KeyRing, keyRing } from '../crypto/KeyRing.ts'
import { type QflowEventEmitter, qflowEventEmitter } from '../events/EventEmitter.ts'
import { QflowError } from '../models/QflowError.ts'
import type {
  PipelineResult,
  ValidationContext,
  ValidationLayer,
  ValidationRequest,
  ValidationResult,
  Validator,
  Verdict,
} from '../models/Validation.ts'
import { defaultLayers, type KeyLookup, verdictInput } from './DefaultLayers.ts'
import { SignedValidationCache, signedValidationCache } from './SignedValidationCache.ts'

/** How verdicts are cached. */
export interface PipelinePolicy {
  /** Part of every cache key: a new version asks all layers anew. */
  readonly policyVersion: string
  readonly cacheEnabled: boolean
  readonly cacheTtlMs: number
}

/** Clock, bus, keys and cache; those of the process when left out. */
export interface PipelineOptions extends Partial<Runtime> {
  readonly events?: QflowEventEmitter
  readonly keys?: KeyRing
  readonly cache?: SignedValidationCache
}

interface RegisteredLayer {
  readonly layer: ValidationLayer
  readonly validator: Validator
}

/** Runs layers in order of priority; a failed required layer ends the run. Passed verdicts are cached. */
export class UniversalValidationPipeline {
  readonly layers = new Map<string, RegisteredLayer>()
  readonly runtime: Runtime
  readonly events: QflowEventEmitter
  readonly signedCache: SignedValidationCache
  readonly counts = {
    requests: 0,
    failedRequests: 0,
    unknownLayers: 0,
    cacheHits: 0,
    cacheMisses: 0,
  }
  policy: PipelinePolicy = { policyVersion: '1.0.0', cacheEnabled: true, cacheTtlMs: 5 * 60 * 1000 }
  keyLookup: KeyLookup
  initialized = false

  constructor(options: PipelineOptions = {}) {
    this.runtime = resolveRuntime(options)
    this.events = options.events ?? qflowEventEmitter
    const keys = options.keys ?? keyRing
    this.signedCache =
      options.cache ?? new SignedValidationCache({ ...this.runtime, events: this.events, keys })
    this.keyLookup = async (keyId) => keys.key(keyId)
  }

  async initialize(): Promise<void> {
    if (this.initialized) return
    await this.registerDefaultLayers()
    this.initialized = true
    this.events.emit('q.qflow.validation.pipeline.initialized.v1', {
      pipelineId: 'universal',
      layersCount: this.layers.size,
      policyVersion: this.policy.policyVersion,
    })
  }

  async registerDefaultLayers(): Promise<void> {
    for (const { layer, validator } of defaultLayers((keyId) => this.keyLookup(keyId))) {
      this.registerLayer(layer, validator)
    }
  }

  async shutdown(): Promise<void> {
    this.layers.clear()
    this.signedCache.clear()
    this.initialized = false
  }

  registerLayer(layer: ValidationLayer, validator: Validator): void {
    this.layers.set(layer.layerId, { layer, validator })
  }

  unregisterLayer(layerId: string): void {
    this.layers.delete(layerId)
  }

  getLayers(): ValidationLayer[] {
    return [...this.layers.values()].map(({ layer }) => layer)
  }

  getPolicy(): PipelinePolicy {
    return this.policy
  }

  updatePipelinePolicy(change: Partial<PipelinePolicy>): void {
    this.policy = { ...this.policy, ...change }
  }

  /** Where the signature layer gets its keys. What it takes is the cost of a step that no cache answers. */
  setKeyLookup(lookUp: KeyLookup): void {
    this.keyLookup = lookUp
  }

  clearCache(): void {
    this.signedCache.clear()
  }

  getStatistics(): Readonly<Record<string, unknown>> {
    return { ...this.counts, layers: this.layers.size, cache: this.signedCache.getStatistics() }
  }

  /** Rejects only before `initialize`; every other failure is a failed result. */
  async validate(request: ValidationRequest): Promise<PipelineResult> {
    if (!this.initialized) throw new Error('Validation pipeline is not initialized')
    const startMs = this.runtime.clock.monotonicMs()
    const { layers, unknownCount } = this.select(request.layers)
    const results: ValidationResult[] = []
    let shortCircuited = false
    for (const { layer } of layers) {
      const result = await this.executeLayer(
        layer,
        request.data,
        request.context,
        request.skipCache,
      )
      results.push(result)
      if (result.status !== 'failed' || !layer.required) continue
      shortCircuited = results.length < layers.length
      break
    }
    const skippedCount = layers.length - results.length + unknownCount
    return this.report(request, results, { startMs, skippedCount, shortCircuited })
  }

  /** Never rejects. */
  async executeLayer(
    layer: ValidationLayer,
    data: unknown,
    context: ValidationContext,
    skipCache = false,
  ): Promise<ValidationResult> {
    const { clock } = this.runtime
    const startMs = clock.monotonicMs()
    const { layerId } = layer
    const { policyVersion, cacheEnabled, cacheTtlMs } = this.policy
    const useCache = cacheEnabled && !skipCache
    const input = useCache ? verdictInput(data, context) : undefined
    const cached = useCache ? await this.signedCache.get(layerId, input, policyVersion) : null
    if (cached !== null) return { ...cached, cached: true, duration: clock.monotonicMs() - startMs }
    const verdict = await this.verdictOf(layer, data, context)
    const result = {
      layerId,
      ...verdict,
      duration: clock.monotonicMs() - startMs,
      timestamp: isoTime(clock),
      cached: false,
    }
    if (useCache && verdict.status === 'passed') {
      await this.signedCache.set(layerId, input, policyVersion, result, cacheTtlMs)
    }
    return result
  }

  async executeWithTimeout<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
    const { timers } = this.runtime
    let handle: unknown
    const timeout = new Promise<never>((_resolve, reject) => {
      const error = new QflowError('timeout_error', `Validation timeout after ${timeoutMs} ms`)
      handle = timers.setTimeout(() => reject(error), timeoutMs)
    })
    try {
      return await Promise.race([work, timeout])
    } finally {
      timers.clearTimeout(handle)
    }
  }

  private async verdictOf(
    layer: ValidationLayer,
    data: unknown,
    context: ValidationContext,
  ): Promise<Verdict> {
    const validator = this.layers.get(layer.layerId)?.validator
    if (validator === undefined) return { status: 'failed', message: 'The layer has no validator' }
    try {
      const verdict = validator(data, context)
      if (!(verdict instanceof Promise)) return verdict
      return await this.executeWithTimeout(verdict, layer.timeout)
    } catch (error) {
      return { status: 'failed', message: error instanceof Error ? error.message : String(error) }
    }
  }

  /** A layer that nobody registered is skipped and counted. */
  private select(ids: readonly string[]): {
    readonly layers: readonly RegisteredLayer[]
    readonly unknownCount: number
  } {
    const layers = ids
      .map((id) => this.layers.get(id))
      .filter((layer) => layer !== undefined)
      .sort((a, b) => a.layer.priority - b.layer.priority)
    const unknownCount = ids.length - layers.length
    this.counts.unknownLayers += unknownCount
    return { layers, unknownCount }
  }

  private report(
    request: ValidationRequest,
    results: readonly ValidationResult[],
    run: {
      readonly startMs: number
      readonly skippedCount: number
      readonly shortCircuited: boolean
    },
  ): PipelineResult {
    const { clock } = this.runtime
    const failedResults = results.filter((result) => result.status === 'failed')
    const cacheHits = results.filter((result) => result.cached).length
    const failedRequired = failedResults.some(
      ({ layerId }) => this.layers.get(layerId)?.layer.required,
    )
    const hasWarning =
      failedResults.length > 0 || results.some(({ status }) => status === 'warning')
    const overallStatus = failedRequired ? 'failed' : hasWarning ? 'warning' : 'passed'
    const { requestId } = request.context
    const totalDuration = clock.monotonicMs() - run.startMs
    // Without a cache there is nothing to miss.
    const asked = this.policy.cacheEnabled && request.skipCache !== true
    const cacheMisses = asked ? results.length - cacheHits : 0
    this.counts.requests++
    this.counts.cacheHits += cacheHits
    this.counts.cacheMisses += cacheMisses
    if (failedRequired) this.counts.failedRequests++
    this.events.emit('q.qflow.validation.pipeline.executed.v1', {
      requestId,
      status: overallStatus,
      duration: totalDuration,
      layersExecuted: results.length,
      cacheHits,
    })
    return {
      requestId,
      overallStatus,
      results,
      totalDuration,
      cacheHits,
      cacheMisses,
      timestamp: isoTime(clock),
      metadata: {
        layersExecuted: results.length,
        layersSkipped: run.skippedCount,
        layersFailed: failedResults.length,
        shortCircuited: run.shortCircuited,
      },
    }
  }
}

/** The pipeline of the process. */
export const universalValidationPipeline: UniversalValidationPipeline =
  new UniversalValidationPipeline({ cache: signedValidationCache })
