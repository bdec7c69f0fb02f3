import { dependenciesOf } from '../path/dependencies.ts'
import type { FlowOrder } from '../path/flow-order.ts'
import { OrderLesson, type OrderState } from '../path/learn-order.ts'
import { addToPhase, namedTotal, type PlaceTotal, PlaceTotals } from '../path/path-total.ts'
import { addOwnPhases, type OwnShare } from '../path/phases.ts'
import { SerialRows } from '../path/serial-rows.ts'
import { type SerialRead, serialSavedNs } from '../path/serial-savings.ts'
import { spanForest } from '../path/span-forest.ts'
import { msFromNs } from '../time/unix-ns.ts'
import type { Execution, ExecutionSpan } from '../trace/execution.ts'
import { firstNumbers, type LaidExecution } from '../trace/laid-execution.ts'
import type { LaidSpans } from '../trace/laid-spans.ts'
import { LaidStep } from '../trace/laid-step.ts'
import { spanLabel } from '../trace/span-label.ts'
import { CONSTANT, type SpanLayout } from '../trace/span-layout.ts'
import { PHASES } from '../trace/step-phases.ts'
import type { ExecutionFacts, StoredExecution } from '../trace/stored-execution.ts'
import type { Fact } from './circumstances.ts'
import { factsOf, isFact, type KnownFacts } from './facts.ts'
import type { Observation, StepFigure } from './observation.ts'
import { lengthMs, partsOf, unjudgedReason } from './observe.ts'
import { removalOf, type Savings, savingsBy } from './savings.ts'

const WORK = PHASES.indexOf('work')
const QUEUE = PHASES.indexOf('queue')
const ENGINE = PHASES.indexOf('engine')
/** The execution's own span. */
const TOP = 0

/** A step that runs once in every execution of the layout. */
interface SerialStep {
  readonly row: number
  readonly figures: LaidStep
  readonly share: OwnShare
  /** Scratch, in the order of `PHASES`. */
  readonly leftNs: number[]
  clientNs: number
}

/** Where the own time of a row outside the steps' own goes. */
interface NamedRow {
  readonly row: number
  readonly total: PlaceTotal
  /** The step whose client span it is. */
  readonly step: SerialStep | undefined
}

/** What is asked of an execution besides what it says. */
interface Asked {
  readonly startUnixNs: bigint
  readonly endUnixNs: bigint
  /** The definition's order, where there is a definition. */
  readonly defined: FlowOrder | undefined
  /** Learns from the execution. */
  readonly order: OrderState
  readonly isSimulated: boolean
}

/**
 * Observes executions of one layout, or of layouts alike, that do one thing at a time, as `observe` does, without rows, runs, forest
 * or path: see `SerialRows`. Whatever is not so simple it leaves to `observe`, which is its oracle.
 */
export class SerialObserver {
  readonly #layout: SpanLayout
  readonly #reader: LaidExecution
  readonly #rows: SerialRows
  readonly #steps: readonly SerialStep[]
  readonly #named: readonly NamedRow[]
  readonly #totals: PlaceTotals
  readonly #labels: readonly (string | undefined)[]
  readonly #stepIds: readonly (string | undefined)[]
  readonly #serial: SerialRead
  readonly #hasVariableFacts: boolean
  #facts: { readonly known: KnownFacts; readonly list: readonly Fact[] } | undefined
  /** By what each flow has learnt, since a lesson knows whom it taught last. */
  readonly #learnt = new WeakMap<OrderState, Learnt>()

  private constructor(
    layout: SpanLayout,
    reader: LaidExecution,
    parts: { readonly rows: SerialRows; readonly steps: ReadonlyMap<number, LaidStep> },
  ) {
    const { rows: spans } = layout
    this.#layout = layout
    this.#reader = reader
    this.#rows = parts.rows
    this.#totals = new PlaceTotals()
    this.#labels = spans.map((span) => (span.role === 'foreign' ? spanLabel(span) : undefined))
    this.#stepIds = parts.rows.steps.map((row) => parts.steps.get(row)?.stepId)
    this.#steps = [...parts.steps].map(([row, figures]) => ({
      row,
      figures,
      share: {
        totals: this.#totals.of(figures.stepId),
        ownNs: 0,
        knownNs: undefined,
        knownSumNs: 0,
      },
      leftNs: PHASES.map(() => 0),
      clientNs: 0,
    }))
    this.#named = spans.flatMap((span, row) => this.#namedRow(span, row))
    this.#serial = {
      rows: parts.rows,
      stepIds: this.#stepIds,
      labels: this.#labels,
      phaseNs: (row, phase) => parts.steps.get(row)?.phasesNs[PHASES.indexOf(phase)] ?? 0,
    }
    this.#hasVariableFacts = hasVariableFacts(layout)
  }

  /** Absent where executions of the layout are not so simple. */
  static of(layout: SpanLayout, reader: LaidExecution): SerialObserver | undefined {
    const rows = SerialRows.of(layout.rows)
    if (rows === undefined) return undefined
    const numbersFrom = firstNumbers(layout)
    const steps = new Map<number, LaidStep>()
    for (const [row, { role }] of layout.rows.entries()) {
      if (role !== 'step') continue
      const index = layout.order[row] ?? 0
      const record = layout.records[index]
      const step = record && LaidStep.of(record, numbersFrom[index] ?? 0)
      if (step?.stepId === undefined) return undefined
      steps.set(row, step)
    }
    return new SerialObserver(layout, reader, { rows, steps })
  }

  /** Absent where the execution is not so simple, or teaches what was not learnt yet (`learn`). Then nothing has changed. O(n). */
  observe(
    { facts, flags }: StoredExecution,
    laid: LaidSpans,
    asked: Asked,
  ): Observation | undefined {
    const learnt = this.#learnt.get(asked.order)
    const lesson = learnt?.defined === asked.defined ? learnt?.lesson : undefined
    if (lesson === undefined || !this.#read(laid) || !lesson.teach(asked.order)) return undefined
    const totals = this.#totalsOf()
    const saved = asked.isSimulated ? this.#savings(facts, totals) : undefined
    return {
      executionId: facts.executionId,
      traceId: laid.traceId,
      flowVersion: facts.flowVersion,
      weight: facts.weight,
      facts: this.#factsOf(facts, laid),
      startUnixNs: asked.startUnixNs,
      endUnixNs: asked.endUnixNs,
      durationMs: msFromNs(facts.activeNs),
      unjudged: unjudgedReason(facts, flags),
      parts: partsOf(totals),
      savings: saved?.places,
      sample: saved?.sample,
      queued: NOBODY,
      untoldQueueCount: 0,
      steps: this.#figures(),
    }
  }

  /** Looks at what `observe` did not know, for executions to come. `execution`: as it was read. */
  learn(
    execution: Execution,
    laid: LaidSpans,
    { defined, order }: Pick<Asked, 'defined' | 'order'>,
  ): void {
    const learnt = this.#learnt.get(order)
    const isKnown = learnt !== undefined && learnt.defined === defined
    if (isKnown || !this.#read(laid)) return
    const forest = spanForest(execution)
    const { before = [] } = dependenciesOf(forest, defined) ?? {}
    const lesson = this.#rows.isByTiming(before) ? new OrderLesson(forest) : undefined
    this.#learnt.set(order, { defined, lesson })
  }

  /** What steps measured of a queue is told by the general way. */
  #read(laid: LaidSpans): boolean {
    if (!this.#rows.read(this.#layout.order, laid.block.numbers, laid.at)) return false
    for (const { figures, row } of this.#steps) {
      figures.read(laid, this.#rows.lengthNs(row))
      if ((figures.phasesNs[QUEUE] ?? 0) > 0) return false
    }
    return true
  }

  /** As `pathTotalsOf`, with everything on the path. */
  #totalsOf(): readonly PlaceTotal[] {
    const { ownNs } = this.#rows
    this.#totals.clear()
    for (const step of this.#steps) step.clientNs = 0
    for (const { row, total, step } of this.#named) {
      const ns = ownNs[row] ?? 0
      total.ns += ns
      if (step !== undefined) step.clientNs += ns
    }
    addToPhase(this.#totals.of(undefined), ENGINE, ownNs[TOP] ?? 0)
    for (const { row, figures, share, leftNs } of this.#steps) {
      const { phasesNs } = figures
      share.ownNs = ownNs[row] ?? 0
      for (let slot = 0; slot < PHASES.length; slot++) leftNs[slot] = phasesNs[slot] ?? 0
      const foreignNs = this.#rows.lengthNs(row) - share.ownNs
      leftNs[WORK] = Math.max(0, (phasesNs[WORK] ?? 0) - foreignNs)
      addOwnPhases(share, { leftNs, isWhole: true })
    }
    return this.#totals.sorted()
  }

  #savings({ executionId, durationNs }: ExecutionFacts, totals: readonly PlaceTotal[]): Savings {
    return savingsBy({
      executionId,
      durationNs,
      totals,
      savedNs: (place, ratio) => serialSavedNs(this.#serial, removalOf(place), ratio),
      // A group is a step around steps.
      serial: () => [],
      slacks: () => this.#steps.map(({ figures }) => ({ stepId: figures.stepId ?? '', ms: 0 })),
    })
  }

  #figures(): readonly StepFigure[] {
    const figures: StepFigure[] = []
    for (const step of this.#steps) figures.push(stepFigure(step, this.#rows))
    return figures
  }

  /** The same list while it says the same. */
  #factsOf(known: ExecutionFacts, laid: LaidSpans): readonly Fact[] {
    if (this.#facts !== undefined && isSame(this.#facts.known, known)) return this.#facts.list
    const list = factsOf(known, this.#reader.rootAttributes(laid))
    const { flowVersion, serviceVersion, node, triggerType } = known
    if (!this.#hasVariableFacts)
      this.#facts = { known: { flowVersion, serviceVersion, node, triggerType }, list }
    return list
  }

  #namedRow(span: ExecutionSpan, row: number): NamedRow[] {
    const spanName = this.#labels[row]
    if (spanName === undefined) return []
    const stepId = this.#stepIds[row]
    const phase = stepId === undefined ? undefined : ('work' as const)
    const total = namedTotal(this.#totals.of(stepId), { phase, spanName })
    const own = this.#steps.find((step) => step.row === this.#rows.steps[row])
    return [{ row, total, step: span.kind === 'client' ? own : undefined }]
  }
}

interface Learnt {
  /** For executions of a flow that is defined so. */
  readonly defined: FlowOrder | undefined
  /** Absent where steps do not just wait for the one before. */
  readonly lesson: OrderLesson | undefined
}

const NOBODY: Observation['queued'] = []

/** In the order of members of `observe`, so that all figures have one shape. */
function stepFigure({ row, figures, clientNs }: SerialStep, rows: SerialRows): StepFigure {
  const { phasesNs, isExclusive } = figures
  const cpuNs = figures.cpuNs
  const cpuMs = cpuNs === undefined ? undefined : msFromNs(cpuNs)
  return {
    // Without an id there is no observer.
    stepId: figures.stepId as string,
    type: figures.type,
    action: figures.action,
    isFailed: figures.errorType !== undefined,
    startMs: msFromNs((rows.startsNs[row] ?? 0) - (rows.startsNs[TOP] ?? 0)),
    durationMs: msFromNs(rows.lengthNs(row)),
    phasesMs: {
      retry_backoff: lengthMs(phasesNs[0]),
      resource_wait: lengthMs(phasesNs[1]),
      validation: lengthMs(phasesNs[2]),
      ledger: lengthMs(phasesNs[3]),
      work: lengthMs(phasesNs[4]),
      queue: lengthMs(phasesNs[5]),
      engine: lengthMs(phasesNs[6]),
    },
    missingPhases: figures.missingPhases,
    exclusiveCpuMs: isExclusive ? cpuMs : undefined,
    sharedCpuMs: isExclusive ? undefined : cpuMs,
    clientMs: msFromNs(clientNs),
    heapGrowthBytes: isExclusive ? figures.heapGrowthBytes : undefined,
    cacheHits: figures.cacheHits,
    cacheMisses: figures.cacheMisses,
  }
}

function isSame(a: KnownFacts, b: KnownFacts): boolean {
  return (
    a.flowVersion === b.flowVersion &&
    a.serviceVersion === b.serviceVersion &&
    a.node === b.node &&
    a.triggerType === b.triggerType
  )
}

/** Whether the execution's span says what differs from one to the next. */
function hasVariableFacts({ records, segment }: SpanLayout): boolean {
  const root = records[segment]
  if (root === undefined) return true
  const { shape, slots } = root
  return shape.keys.some((key, place) => isFact(key) && slots[place] !== CONSTANT)
}
