import type { Regression } from '../../detect/finding.ts'
import type { ProcessName } from '../../otlp/heap-reading.ts'
import { placeWords } from '../words.ts'
import type { AlertCause } from './alert.ts'

/** What is known of a step besides its times. */
export interface StepFacts {
  /** The action that it runs. */
  readonly action: string | undefined
  /** The pool that it waited for, where detail spans name one. */
  readonly pool: string | undefined
}

/** The first of a change's causes as others may have it; where it is only a place, what lies there. */
export function sharedCause(finding: Regression, step: StepFacts): AlertCause {
  const [cause] = finding.causes
  if (cause === undefined || cause.kind === 'place') return causeAtPlace(finding, step)
  const { kind } = cause
  switch (kind) {
    case 'code_version':
      return { kind, name: `${cause.from} -> ${cause.to}` }
    case 'flow_version':
      return { kind, name: `${finding.place.flowId} ${cause.from} -> ${cause.to}` }
    case 'mark':
      return { kind, name: cause.text }
    case 'node':
      return { kind, name: cause.node }
    case 'host':
      return { kind, name: cause.node ?? ANY_HOST.name }
    case 'attribute':
    case 'mix':
      return { kind, name: `${cause.key} = ${cause.value}` }
  }
}

/** The machine, where nothing says which one. */
export const ANY_HOST: AlertCause = { kind: 'host', name: 'host' }

/** By what lies where the change is; the step itself when that is nothing others share. */
function causeAtPlace(finding: Regression, step: StepFacts): AlertCause {
  const { flowId, spanName, process } = finding.place
  const stepId = stepOf(finding)
  if (process !== undefined) return { kind: 'process', name: processName(process) }
  if (spanName !== undefined) return { kind: 'dependency', name: spanName }
  if (finding.class === 'resource-wait' && step.pool !== undefined)
    return { kind: 'pool', name: step.pool }
  if (finding.class === 'traffic') return { kind: 'traffic', name: 'traffic' }
  if (finding.class === 'ledger') return { kind: 'ledger', name: 'ledger' }
  if (isOwnCode(finding) && step.action !== undefined && !isBuiltIn(step.action))
    return { kind: 'action', name: step.action }
  if (stepId === undefined) return { kind: 'flow', name: flowId }
  const name = `${placeWords({ ...finding.place, stepId })} of ${flowId}`
  if (finding.mainStepId === undefined) return { kind: 'step', name }
  return { kind: 'phase', name: `${placeWords(finding.place)} of ${flowId}`, mainStep: name }
}

/** The step that stands for a regression; of a phase of all steps the one in which it changed most. */
export function stepOf({ mainStepId, place }: Regression): string | undefined {
  return mainStepId ?? place.stepId
}

/** `shop (a1)` */
function processName({ serviceName = 'process', instanceId }: ProcessName): string {
  return instanceId === undefined ? serviceName : `${serviceName} (${instanceId})`
}

export function isSameCause(one: AlertCause, other: AlertCause): boolean {
  const [a, b] = [atStep(one), atStep(other)]
  if (a.kind !== b.kind) return false
  const isAnyHost = a.kind === 'host' && [a.name, b.name].includes(ANY_HOST.name)
  return a.name === b.name || isAnyHost
}

/** What a phase of all steps and one of its steps are both told apart by. */
function atStep(cause: AlertCause): AlertCause {
  return cause.mainStep === undefined ? cause : { kind: 'step', name: cause.mainStep }
}

/** `dependency POST payments.example`, `the host itself` */
export function causeWords({ kind, name }: AlertCause): string {
  if (kind === 'host') return name === ANY_HOST.name ? 'the host itself' : `the host ${name} itself`
  if (kind === 'ledger') return 'the ledger'
  if (kind === 'traffic') return 'traffic'
  if (kind === 'step' || kind === 'phase') return name
  return `${kind.replaceAll('_', ' ')} ${name}`
}

/** The handler of a step does it, not what the engine does around it. */
function isOwnCode({ class: nature }: Regression): boolean {
  return nature === 'cpu' || nature === 'memory' || nature === 'work' || nature === 'io'
}

/** Qflow's own actions (`qflow.action.http`) do something else in every step; a user's action is the same code everywhere. */
function isBuiltIn(action: string): boolean {
  return action.startsWith('qflow.')
}
