import type { Phase } from '../trace/execution.ts'
import { NONE } from './families.ts'
import { isBetweenSteps, type OwnGap, shrink } from './removed-self.ts'
import type { Removal } from './resimulate.ts'
import { type SerialRows, TOP } from './serial-rows.ts'

/** What executions of one layout have in common. */
export interface SerialRead {
  readonly rows: SerialRows
  /** By row; ids of the steps rows are in. */
  readonly stepIds: readonly (string | undefined)[]
  /** `spanLabel` of the user's spans. */
  readonly labels: readonly (string | undefined)[]
  /** What the run of the step measured, in the execution that was read last. */
  phaseNs(row: number, phase: Phase): number
}

/** What is taken away with a place: the same rows in all executions of a layout. */
export interface SerialRemoval {
  /** Rows that shrink with all that is in them. */
  readonly whole: readonly number[]
  /** Steps that shrink by what they measured of the phase. */
  readonly steps: readonly number[]
  readonly phase: Phase | undefined
  /** The execution's own time shrinks, which is that between steps. */
  readonly isBetween: boolean
}

/** Which rows it is; O(rows²). */
export function serialRemoval(read: SerialRead, place: Removal): SerialRemoval {
  const { rows, stepIds, labels } = read
  const where = (isChosen: (row: number) => boolean) => [...rows.parents.keys()].filter(isChosen)
  const isOf = (row: number) => place.stepId === undefined || stepIds[row] === place.stepId
  if ('spanName' in place) {
    const isNamed = (row: number) => labels[row] === place.spanName && isOf(row)
    const whole = where((row) => isNamed(row) && !isBelow(rows, row, isNamed))
    return { whole, steps: [], phase: undefined, isBetween: false }
  }
  const { phase } = place
  if (isBetweenSteps(place)) return { whole: [], steps: [], phase, isBetween: true }
  const steps = where((row) => rows.steps[row] === row && isOf(row))
  // What is below another of the user's spans shrinks with it.
  const whole = phase === 'work' ? where((row) => steps.includes(rows.parents[row] ?? NONE)) : []
  return { whole, steps, phase, isBetween: false }
}

/** Whether one of the rows around it is chosen. */
function isBelow(
  { parents }: SerialRows,
  row: number,
  isChosen: (row: number) => boolean,
): boolean {
  for (let at = parents[row] ?? NONE; at !== NONE; at = parents[at] ?? NONE)
    if (isChosen(at)) return true
  return false
}

/**
 * By how many ns the execution that was read last would be shorter did what is removed take `ratio` of its time: what `resimulation`
 * finds, since where all happens one after the other nothing else can end later than what was sped up. O(rows).
 */
export function serialSavedNs(
  { rows, phaseNs }: Pick<SerialRead, 'rows' | 'phaseNs'>,
  { whole, steps, phase, isBetween }: SerialRemoval,
  ratio: number,
): number {
  if (isBetween) return ownSavedNs(rows, TOP, { removeNs: rows.ownNs[TOP] ?? 0, ratio })
  let savedNs = 0
  for (let at = 0; at < whole.length; at++)
    savedNs += shrunkNs(rows.lengthNs(whole[at] ?? NONE), ratio)
  if (phase === undefined) return savedNs
  for (let at = 0; at < steps.length; at++) {
    const row = steps[at] ?? NONE
    const elsewhereNs = phase === 'work' ? rows.lengthNs(row) - (rows.ownNs[row] ?? 0) : 0
    const removeNs = Math.max(0, phaseNs(row, phase) - elsewhereNs)
    savedNs += ownSavedNs(rows, row, { removeNs, ratio })
  }
  return savedNs
}

/** Of its own time; all that is to go goes from the gaps between its children, as far as they reach. */
function ownSavedNs(
  rows: SerialRows,
  row: number,
  { removeNs, ratio }: { readonly removeNs: number; readonly ratio: number },
): number {
  const ownNs = rows.ownNs[row] ?? 0
  if (removeNs === 0 || ratio === 0) return Math.min(removeNs, ownNs)
  const gaps = ownGaps(rows, row)
  shrink([gaps], removeNs)
  let savedNs = 0
  for (const { lostNs } of gaps) savedNs += shrunkNs(lostNs, ratio)
  return savedNs
}

function ownGaps({ children, startsNs, endsNs }: SerialRows, row: number): readonly OwnGap[] {
  const gaps: OwnGap[] = []
  let coveredNs = startsNs[row] ?? 0
  const addUntil = (endNs: number): void => {
    if (endNs > coveredNs) gaps.push({ row, startNs: coveredNs, endNs, lostNs: 0 })
  }
  for (const child of children[row] ?? []) {
    addUntil(startsNs[child] ?? 0)
    coveredNs = endsNs[child] ?? 0
  }
  addUntil(endsNs[row] ?? 0)
  return gaps
}

function shrunkNs(ns: number, ratio: number): number {
  return ns - Math.round(ratio * ns)
}
