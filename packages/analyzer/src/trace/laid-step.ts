import {
  ATTR_ERROR_TYPE,
  ATTR_QFLOW_STEP_ACTION,
  ATTR_QFLOW_STEP_CPU_TIME,
  ATTR_QFLOW_STEP_ID,
  ATTR_QFLOW_STEP_MEMORY_HEAP_GROWTH,
  ATTR_QFLOW_STEP_PHASES_MISSING,
  ATTR_QFLOW_STEP_RESOURCE_ATTRIBUTION,
  ATTR_QFLOW_STEP_TYPE,
  ATTR_QFLOW_STEP_VALIDATION_CACHE_HITS,
  ATTR_QFLOW_STEP_VALIDATION_CACHE_MISSES,
} from '@qflow-otel/semconv'
import { KNOWN, type KnownKey } from '../otlp/known-attributes.ts'
import type { AttributeValue } from '../otlp/span-record.ts'
import type { Phase } from './execution.ts'
import { type LaidSpans, numbersAt } from './laid-spans.ts'
import { CONSTANT, NUMBER, type SpanLayout } from './span-layout.ts'
import { exactNumber } from './span-role.ts'
import { attributionOf, countOf, lengthNsOf, measurePhases, PHASE_KEYS } from './step-run.ts'

/** What `stepRun` reads as texts and lists: the same in all executions of a layout, or it is not read here. */
const CONSTANT_KEYS: readonly KnownKey[] = [
  ATTR_QFLOW_STEP_ID,
  ATTR_QFLOW_STEP_TYPE,
  ATTR_QFLOW_STEP_ACTION,
  ATTR_ERROR_TYPE,
  ATTR_QFLOW_STEP_PHASES_MISSING,
  ATTR_QFLOW_STEP_RESOURCE_ATTRIBUTION,
]

/** What `stepRun` reads as numbers. */
const NUMBER_KEYS: readonly KnownKey[] = [
  ...PHASE_KEYS,
  ATTR_QFLOW_STEP_CPU_TIME,
  ATTR_QFLOW_STEP_MEMORY_HEAP_GROWTH,
  ATTR_QFLOW_STEP_VALIDATION_CACHE_HITS,
  ATTR_QFLOW_STEP_VALIDATION_CACHE_MISSES,
]
const CPU = NUMBER_KEYS.indexOf(ATTR_QFLOW_STEP_CPU_TIME)
const HEAP_GROWTH = NUMBER_KEYS.indexOf(ATTR_QFLOW_STEP_MEMORY_HEAP_GROWTH)
const CACHE_HITS = NUMBER_KEYS.indexOf(ATTR_QFLOW_STEP_VALIDATION_CACHE_HITS)
const CACHE_MISSES = NUMBER_KEYS.indexOf(ATTR_QFLOW_STEP_VALIDATION_CACHE_MISSES)

/** The value is the same in all executions. */
const NOT_LAID = -1

/**
 * Reads what `stepRun` would say of one step in executions of one layout, one after the other: where each value stands is
 * looked up once, and nothing is made but what is asked for.
 */
export class LaidStep {
  readonly stepId: string | undefined
  readonly type: string | undefined
  readonly action: string | undefined
  readonly errorType: string | undefined
  readonly isExclusive: boolean
  /** Of the execution that was read last, in the order of `PHASES`; 0 where it took no time or was not measured. */
  readonly phasesNs: number[] = []
  missingPhases: readonly Phase[] = []

  /** By place in `NUMBER_KEYS`: the value, where it is the same in all executions, or was read last. */
  readonly #told: (AttributeValue | undefined)[]
  /** Which of the laid numbers it is. */
  readonly #numberAt: readonly number[]
  readonly #missing: AttributeValue | undefined
  /** What is odd about a step is told of the execution that is built. */
  readonly #flags = new Set<string>()

  private constructor(
    constant: (key: KnownKey) => AttributeValue | undefined,
    numberAt: readonly number[],
  ) {
    const text = (key: KnownKey) => nonEmptyText(constant(key))
    this.stepId = text(ATTR_QFLOW_STEP_ID)
    this.type = text(ATTR_QFLOW_STEP_TYPE)
    this.action = text(ATTR_QFLOW_STEP_ACTION)
    this.errorType = text(ATTR_ERROR_TYPE)
    this.isExclusive = attributionOf(constant(ATTR_QFLOW_STEP_RESOURCE_ATTRIBUTION)) === 'exclusive'
    this.#missing = constant(ATTR_QFLOW_STEP_PHASES_MISSING)
    this.#told = NUMBER_KEYS.map(constant)
    this.#numberAt = numberAt
  }

  /** Absent where a value is neither the same in all executions nor a number in each. */
  static of(record: SpanLayout['records'][number], firstNumber: number): LaidStep | undefined {
    const { shape, slots, constants } = record
    const placeOf = (key: KnownKey) => shape.known[KNOWN[key]] ?? NOT_LAID
    const slotOf = (key: KnownKey) => slots[placeOf(key)] ?? CONSTANT
    const isRead =
      CONSTANT_KEYS.every((key) => slotOf(key) === CONSTANT) &&
      NUMBER_KEYS.every((key) => slotOf(key) === CONSTANT || slotOf(key) === NUMBER)
    if (!isRead) return undefined
    const numberAt = NUMBER_KEYS.map((key) => {
      if (slotOf(key) === CONSTANT) return NOT_LAID
      const before = slots.slice(0, placeOf(key)).filter((slot) => slot === NUMBER)
      return firstNumber + before.length
    })
    return new LaidStep((key) => constants[placeOf(key)], numberAt)
  }

  read(laid: LaidSpans, durationNs: number): void {
    const { numbers } = laid.block
    const first = numbersAt(laid)
    for (let at = 0; at < this.#numberAt.length; at++) {
      const number = this.#numberAt[at] ?? NOT_LAID
      if (number !== NOT_LAID) this.#told[at] = numbers[first + number]
    }
    const told = this.#told
    const missing = this.#missing
    this.missingPhases = measurePhases(this.phasesNs, { told, missing, durationNs }, this.#flags)
  }

  get cpuNs(): number | undefined {
    return lengthNsOf(this.#told[CPU])
  }

  get heapGrowthBytes(): number | undefined {
    return exactNumber(this.#told[HEAP_GROWTH])
  }

  get cacheHits(): number | undefined {
    return countOf(this.#told[CACHE_HITS])
  }

  get cacheMisses(): number | undefined {
    return countOf(this.#told[CACHE_MISSES])
  }
}

function nonEmptyText(value: AttributeValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
