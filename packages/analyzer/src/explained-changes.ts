import type { Mark } from './baseline/marks.ts'
import type { SeenExecution } from './baseline/seen-execution.ts'
import type { AnomalyStep } from './detect/anomaly/anomaly-watch.ts'
import type { WaitStep } from './detect/bottleneck/bottleneck.ts'
import { type Cause, causeKey } from './detect/cause.ts'
import type { Change } from './detect/change/change.ts'
import type { FindingChange } from './detect/finding.ts'
import { ratePoints } from './detect/rate/rate-points.ts'
import type { RateStep } from './detect/rate/rate-watch.ts'
import type { ChangeStep } from './detect/regression-watch.ts'
import { anomalyFinding, MAX_EXCESS_COUNT } from './explain/anomaly-finding.ts'
import { bottleneckFinding } from './explain/bottleneck-finding.ts'
import { compareExecution } from './explain/compare.ts'
import { type Explanation, explainChanges } from './explain/explanations.ts'
import { rateCauses } from './explain/rate-causes.ts'
import { rateFinding } from './explain/rate-finding.ts'
import { regressionFinding } from './explain/regression-finding.ts'
import type { Background } from './explain/shift.ts'
import type { FlowState } from './flow-state.ts'
import { isRecentIn } from './recent-executions.ts'

interface Settings {
  readonly tenant: string
  readonly flowId: string
  /** Those that may concern the flow, oldest first. */
  readonly marks: readonly Mark[]
  /** Executions of the flow that are kept in full, the newest. */
  readonly keptCount: number
}

/** What was judged as changes of findings: nothing for nearly all executions. */
export function changesOf(
  flow: FlowState,
  steps: {
    readonly levels: readonly ChangeStep[]
    readonly rates: readonly RateStep[]
    readonly incidents: readonly AnomalyStep[]
    readonly waited: readonly WaitStep[]
  },
  about: {
    readonly seen: SeenExecution
    readonly variant: number
    readonly settings: Settings
  },
): readonly FindingChange[] {
  const { levels, rates, incidents, waited } = steps
  const { settings, seen } = about
  const isCalm = levels.length + rates.length + incidents.length + waited.length === 0
  if (isCalm && flow.watch.changes.length === 0) return NOTHING
  const { flowVersion } = seen.head
  return [
    ...explainedChanges(flow, levels, settings),
    ...rates.map((step) => rateChangeOf(flow, step, settings)),
    ...incidents.map((step) => anomalyChangeOf(flow, step, about)),
    ...waited.map(({ step, wait }) => ({
      change: step,
      finding: bottleneckFinding(wait, { ...settings, flowVersion }),
    })),
  ]
}

/** Steps in the lives of changes as findings with their causes; another main cause is news of its own. */
function explainedChanges(
  flow: FlowState,
  judged: readonly ChangeStep[],
  settings: Settings,
): readonly FindingChange[] {
  if (judged.length === 0 && flow.watch.changes.length === 0) return NOTHING
  const { history, explanations: known } = flow
  const changes = flow.watch.changes
  flow.explanations = explainChanges(known, changes, backgroundOf(flow, settings))
  const causesOf = (id: string, all: readonly Explanation[]) =>
    all.find(({ changeId }) => changeId === id)?.causes ?? []
  const isNews = ({ id }: Change) => {
    const before = known.find(({ changeId }) => changeId === id)
    return before !== undefined && !isSameMain(before.causes, causesOf(id, flow.explanations))
  }
  const isTold = ({ id }: Change) => judged.some(({ change }) => change.id === id)
  const news = changes.filter((change) => !isTold(change) && isNews(change))
  return [...judged, ...news.map((change) => ({ step: 'updated' as const, change }))].map(
    ({ step, change }) => {
      const causes = causesOf(change.id, step === 'resolved' ? known : flow.explanations)
      return { change: step, finding: regressionFinding(change, { history, causes }, settings) }
    },
  )
}

export const NOTHING: readonly FindingChange[] = []

function isSameMain([a]: readonly Cause[], [b]: readonly Cause[]): boolean {
  return a === undefined || b === undefined ? a === b : causeKey(a) === causeKey(b)
}

function anomalyChangeOf(
  { history, findings }: FlowState,
  step: AnomalyStep,
  about: {
    readonly seen: SeenExecution
    readonly variant: number
    readonly settings: Settings
  },
): FindingChange {
  const { seen, variant, settings } = about
  const known = findings.find((one) => one.kind === 'anomaly')
  const isOpening = step.step === 'opened'
  const finding = anomalyFinding(
    step,
    {
      history,
      known: isOpening ? undefined : known,
      comparison: isOpening
        ? compareExecution(history, { ...seen.observation(), variant }, MAX_EXCESS_COUNT)
        : undefined,
      flowVersion: seen.head.flowVersion,
    },
    settings,
  )
  return { change: step.step, finding }
}

/** A step in the life of a change of a rate, as a finding with its causes. */
export function rateChangeOf(
  flow: FlowState,
  { step, change }: RateStep,
  settings: Settings,
): FindingChange {
  const points = step === 'resolved' ? [] : ratePoints(flow, change.place, 0)
  const causes = rateCauses(change, points, backgroundOf(flow, settings))
  return { change: step, finding: rateFinding(change, settings, causes) }
}

/** What the flow knows that may explain a change. */
function backgroundOf(flow: FlowState, { marks, keptCount }: Settings): Background {
  const { history, circumstances, variants, definitions, deployments } = flow
  const isKept = isRecentIn(flow, keptCount)
  const known = { history, circumstances, variants, definitions, marks }
  return { ...known, deployments: deployments.all, isKept }
}
