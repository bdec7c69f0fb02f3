import { median } from '../../packages/analyzer/src/stats/median-change.ts'
import { drawValues, type Family, families } from './families.ts'
import { BASELINE_COUNT } from './level-run.ts'
import { figure } from './report.ts'
import type { Claim, Section, StudyOptions } from './section.ts'
import { type Told, toldOf } from './told-run.ts'

const LEVEL = 1.5
/** Executions on the new level, and after the way back. */
const AFTER_COUNT = 300
const BACK_COUNT = 120
const SEED_COUNT = 200
const MAX_ONSET_MISS = 5
/** Families in which one step of half is a step and no riddle: a CV of at most 0.3. */
const NAMES = ['lognormal, CV 0.3', 'lognormal, CV 0.1', 'integer ms']

/** One step: one alert, where it was, and none when a new baseline began; with a way back, both. */
export const oneStep: Section = {
  name: 'one-step',
  run(options) {
    const names = options.isQuick ? NAMES.slice(0, 1) : NAMES
    const steps = names.map((name) => stepsOf(familyOf(name), options))
    return {
      method: `Flows of ${BASELINE_COUNT} executions in control, then ${AFTER_COUNT} at +50 %, over ${SEED_COUNT} seeds a family, through \`judge\` with its default change of 10 %; and flows that come back after ${BACK_COUNT} executions and are watched for ${AFTER_COUNT} more. An alert is an opened regression or improvement; one that was told before the step is a false alarm and counts against the first claim too.`,
      tables: [
        {
          title: 'One step of +50 %',
          head: [
            'family',
            'exactly one alert',
            'onset off by, median',
            `onset within ${MAX_ONSET_MISS}`,
            'opened, then resolved by the way back',
          ],
          rows: steps.map(({ name, ones, misses, near, bothWays }) => [
            name,
            `${ones} of ${SEED_COUNT}`,
            figure(median(misses)),
            `${near} of ${misses.length}`,
            `${bothWays} of ${SEED_COUNT}`,
          ]),
        },
      ],
      claims: steps.flatMap(claimsOf),
    }
  },
}

interface Steps {
  readonly name: string
  readonly ones: number
  readonly misses: readonly number[]
  readonly near: number
  readonly bothWays: number
}

function stepsOf(family: Family, options: StudyOptions): Steps {
  const told = seedsOf(options).map((seed) => stepOnly(family, seed))
  const firsts = told.flatMap((steps) => steps.find(isStepTold) ?? [])
  const misses = firsts.map(({ change }) => Math.abs(change.onset.sequence - BASELINE_COUNT))
  return {
    name: family.name,
    ones: told.filter((steps) => steps.length === 1 && steps.every(isStepTold)).length,
    misses,
    near: misses.filter((miss) => miss <= MAX_ONSET_MISS).length,
    bothWays: seedsOf(options).filter((seed) => isThereAndBack(family, seed)).length,
  }
}

/** What opened over one step. */
function stepOnly(family: Family, seed: number): Told[] {
  const levelAt = (index: number) => (index < BASELINE_COUNT ? 1 : LEVEL)
  const told = toldOf(drawValues(family, seed, levelAt), BASELINE_COUNT + AFTER_COUNT)
  return told.filter(({ step }) => step === 'opened')
}

function isStepTold({ index, change }: Told): boolean {
  return index >= BASELINE_COUNT && change.direction === 'regression'
}

/** The regression is opened, then resolved, and nothing else is told but how it goes on. */
function isThereAndBack(family: Family, seed: number): boolean {
  const isUp = (index: number) => index >= BASELINE_COUNT && index < BASELINE_COUNT + BACK_COUNT
  const values = drawValues(family, seed, (index) => (isUp(index) ? LEVEL : 1))
  const life = toldOf(values, BASELINE_COUNT + BACK_COUNT + AFTER_COUNT).filter(
    ({ step }) => step !== 'updated',
  )
  const [opened, resolved] = life
  return (
    life.length === 2 &&
    opened?.step === 'opened' &&
    resolved?.step === 'resolved' &&
    opened.change.id === resolved.change.id &&
    resolved.index >= BASELINE_COUNT + BACK_COUNT
  )
}

function claimsOf({ name, ones, misses, near, bothWays }: Steps): Claim[] {
  const atLeast = (sentence: string, measured: number, bound: number): Claim => ({
    sentence: `${name}: ${sentence}`,
    measured,
    bound,
    side: 'at least',
  })
  return [
    atLeast('share of steps with exactly one alert', ones / SEED_COUNT, 0.95),
    atLeast(
      'share of regressions that the way back resolves, and no more',
      bothWays / SEED_COUNT,
      0.95,
    ),
    atLeast('share of onsets within 5 executions', near / misses.length, 0.9),
    {
      sentence: `${name}: median distance of the onset told, executions`,
      measured: median(misses),
      bound: MAX_ONSET_MISS,
      side: 'at most',
    },
  ]
}

function seedsOf({ seed }: StudyOptions): number[] {
  return Array.from({ length: SEED_COUNT }, (_, index) => seed * 4_000_037 + index)
}

function familyOf(name: string): Family {
  const family = families.find((one) => one.name === name)
  if (family === undefined) throw new Error(`no family '${name}'`)
  return family
}
