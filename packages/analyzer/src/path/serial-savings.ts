import type { Phase } from '../trace/execution.ts'
import { NONE } from './families.ts'
import { isBetweenSteps, type OwnGap, shrink } from './removed-self.ts'
import type { Removal } from './resimulate.ts'
import type { SerialRows } from './serial-rows.ts'

/** What of the execution that was read last is known besides its rows. */
export interface SerialRead {
  readonly rows: SerialRows
  /** By row; ids of the steps rows are in. */
  readonly stepIds: readonly (string | undefined)[]
  /** `spanLabel` of the user's spans. */
  readonly labels: readonly (string | undefined)[]
  /** What the run of the step measured. */
  phaseNs(row: number, phase: Phase): number
}

/**
 * By how many ns the execution would be shorter did `place` take `ratio` of its time: what `resimulation` finds, since where all
 * happens one after the other nothing else can end later than what was sped up. O(rows).
 */
export function serialSavedNs(read: SerialRead, place: Removal, ratio: number): number {
  if ('spanName' in place) return namedSavedNs(read, place, ratio)
  const { rows, stepIds } = read
  if (isBetweenSteps(place)) return ownSavedNs(rows, 0, { removeNs: rows.ownNs[0] ?? 0, ratio })
  let savedNs = 0
  for (let row = 0; row < rows.parents.length; row++) {
    const step = rows.steps[row] ?? NONE
    if (step === NONE || (place.stepId !== undefined && stepIds[row] !== place.stepId)) continue
    const isWork = place.phase === 'work'
    if (row !== step) {
      // What is below another of the user's spans shrinks with it.
      if (isWork && rows.parents[row] === step) savedNs += shrunkNs(rows.lengthNs(row), ratio)
      continue
    }
    const elsewhereNs = isWork ? rows.lengthNs(row) - (rows.ownNs[row] ?? 0) : 0
    const removeNs = Math.max(0, read.phaseNs(row, place.phase) - elsewhereNs)
    savedNs += ownSavedNs(rows, row, { removeNs, ratio })
  }
  return savedNs
}

function namedSavedNs(
  { rows, stepIds, labels }: SerialRead,
  { spanName, stepId }: Extract<Removal, { readonly spanName: string }>,
  ratio: number,
): number {
  const isNamed = (row: number): boolean =>
    labels[row] === spanName && (stepId === undefined || stepIds[row] === stepId)
  let savedNs = 0
  for (let row = 0; row < rows.parents.length; row++)
    if (isNamed(row) && !isBelow(rows, row, isNamed)) savedNs += shrunkNs(rows.lengthNs(row), ratio)
  return savedNs
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
