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
import { MAX_OFFSET_NS, nsFromSeconds } from '../time/unix-ns.ts'
import type { Phase } from './execution.ts'
import { type LaidSpans, numbersAt } from './laid-spans.ts'
import { CONSTANT, NUMBER, type SpanLayout } from './span-layout.ts'
import { attributionOf, measurePhases, missingOf, PHASE_KEYS } from './step-run.ts'

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

  /** By place in `NUMBER_KEYS`: the value, where it is the same in all executions. */
  readonly #constants: readonly (AttributeValue | undefined)[]
  /** Places in `NUMBER_KEYS` of what differs, and which of the laid numbers each is. */
  readonly #laidKeys: readonly number[]
  readonly #laidNumbers: readonly number[]
  /** By place in `NUMBER_KEYS`, of the execution that was read last; NaN where there is no number. */
  readonly #told: number[]
  /** By phase: its length where it is the same in all executions, NaN where that is none, 0 without a value; and their sum. */
  readonly #constantNs: readonly number[]
  readonly #constantSumNs: number
  /** Phases are not as they were told: they were made to sum to the duration. */
  #isFitted = true
  readonly #missing: AttributeValue | undefined
  readonly #usuallyMissing: readonly Phase[]
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
    this.#usuallyMissing = missingOf(this.#missing, undefined)
    this.#constants = NUMBER_KEYS.map(constant)
    this.#laidKeys = [...numberAt.keys()].filter((key) => numberAt[key] !== NOT_LAID)
    this.#laidNumbers = numberAt.filter((number) => number !== NOT_LAID)
    this.#told = this.#constants.map((value) => (typeof value === 'number' ? value : Number.NaN))
    this.#constantNs = PHASE_KEYS.map((_, phase) =>
      this.#constants[phase] === undefined ? 0 : lengthNs(this.#told[phase] ?? Number.NaN),
    )
    this.#constantSumNs = this.#constantNs.reduce((sum, ns) => sum + ns, 0)
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
    const sumNs = this.#readNumbers(laid)
    // As engines measure them.
    const isExact = sumNs === durationNs && sumNs > 0
    if (isExact) this.missingPhases = this.#usuallyMissing
    else this.#fitPhases(durationNs)
  }

  /** The sum of all phases; NaN where one of them is no length of time. */
  #readNumbers(laid: LaidSpans): number {
    const { phasesNs } = this
    const { numbers } = laid.block
    const first = numbersAt(laid)
    const keys = this.#laidKeys
    if (this.#isFitted) {
      for (let phase = 0; phase < PHASE_KEYS.length; phase++)
        phasesNs[phase] = this.#constantNs[phase] ?? 0
      this.#isFitted = false
    }
    let sumNs = this.#constantSumNs
    for (let at = 0; at < keys.length; at++) {
      // Indices below the lengths.
      const key = keys[at] as number
      const value = numbers[first + (this.#laidNumbers[at] as number)] as number
      this.#told[key] = value
      if (key >= PHASE_KEYS.length) continue
      const ns = lengthNs(value)
      phasesNs[key] = ns
      sumNs += ns
    }
    return sumNs
  }

  #fitPhases(durationNs: number): void {
    const told: (AttributeValue | undefined)[] = this.#constants.slice(0, PHASE_KEYS.length)
    for (const key of this.#laidKeys) if (key < told.length) told[key] = this.#told[key]
    const missing = this.#missing
    this.missingPhases = measurePhases(this.phasesNs, { told, missing, durationNs }, this.#flags)
    this.#isFitted = true
  }

  /** NaN without, here and below. */
  get cpuNs(): number {
    // The list is as long as the keys, here and below.
    return lengthNs(this.#told[CPU] as number)
  }

  get heapGrowthBytes(): number {
    return exact(this.#told[HEAP_GROWTH] as number)
  }

  get cacheHits(): number {
    return count(this.#told[CACHE_HITS] as number)
  }

  get cacheMisses(): number {
    return count(this.#told[CACHE_MISSES] as number)
  }
}

/** As `lengthNsOf`, `exactNumber` and `countOf`, without a number that may be absent: such a one is put on the heap. */
function lengthNs(seconds: number): number {
  const ns = nsFromSeconds(exact(seconds))
  return ns >= 0 && ns <= MAX_OFFSET_NS ? ns : Number.NaN
}

function exact(value: number): number {
  return Math.abs(value) <= Number.MAX_SAFE_INTEGER ? value : Number.NaN
}

function count(value: number): number {
  return value >= 0 && Number.isSafeInteger(value) ? value : Number.NaN
}

function nonEmptyText(value: AttributeValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
