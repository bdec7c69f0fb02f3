import type { ActionSpec } from '../core/ActionRegistry.ts'
import type { FlowStep } from './FlowDefinition.ts'

type ValidationStatus = 'passed' | 'failed' | 'warning' | 'skipped'

/** What the engine tells the layers beside the data. */
interface ValidationMetadata {
  readonly actor: string
  readonly stepId: string
  readonly daoSubnet: string
  readonly permissions: readonly string[]
  readonly flowId: string
  readonly flowVersion: string
  readonly requiredPermissions: readonly string[]
  readonly step: FlowStep
  /** Undefined when the action is not registered. */
  readonly actionSpec: ActionSpec | undefined
  /** sha256 and HMAC of the step as it was registered; undefined for a step that was not. */
  readonly registration: StepRegistration | undefined
}

/** Hex sha256 and HMAC of a step, and the key that signed it. */
export interface StepRegistration {
  readonly digest: string
  readonly signature: string
  readonly keyId: string
}

/** Who asks for a validation, and about what. */
export interface ValidationContext {
  readonly requestId: string
  readonly timestamp: string
  readonly source: string
  /** Requests of others than the engine may lack anything. */
  readonly metadata: Readonly<Partial<ValidationMetadata>>
}

/** What is to be validated, by which layers. */
export interface ValidationRequest {
  readonly context: ValidationContext
  readonly data: unknown
  /** Ids of layers. */
  readonly layers: readonly string[]
  readonly skipCache?: boolean
}

/** Durations in ms; of a cached result, of the lookup. */
export interface ValidationResult {
  readonly layerId: string
  readonly status: ValidationStatus
  readonly message: string
  readonly details?: Readonly<Record<string, unknown>>
  readonly duration: number
  readonly timestamp: string
  readonly cached?: boolean
}

/** Results in the order of the layers; durations in ms. */
export interface PipelineResult {
  readonly requestId: string
  readonly overallStatus: 'passed' | 'failed' | 'warning'
  readonly results: readonly ValidationResult[]
  readonly totalDuration: number
  readonly cacheHits: number
  readonly cacheMisses: number
  readonly timestamp: string
  readonly metadata: {
    readonly layersExecuted: number
    readonly layersSkipped: number
    readonly layersFailed: number
    readonly shortCircuited: boolean
  }
}

/** How a layer is run; its validator says what it checks. */
export interface ValidationLayer {
  readonly layerId: string
  readonly name: string
  readonly description: string
  /** Lower runs first. */
  readonly priority: number
  /** A required layer that fails ends the pipeline. */
  readonly required: boolean
  /** ms */
  readonly timeout: number
}

/** What a validator says; the pipeline adds who, when and how long. */
export interface Verdict {
  readonly status: ValidationStatus
  readonly message: string
  readonly details?: Readonly<Record<string, unknown>>
}

/** Checks one thing; what it throws is a failed verdict. */
export type Validator = (data: unknown, context: ValidationContext) => Promise<Verdict> | Verdict
