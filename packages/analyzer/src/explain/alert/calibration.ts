import type { Regression } from '../../detect/finding.ts'
import type { Calibration } from './alert.ts'
import { stepOf } from './shared-cause.ts'

/** Verdicts beyond it change nothing: a change that is five times the smallest that matters is told whatever was said. */
const MAX_VERDICT_COUNT = 4
/** Flows, steps and metrics with verdicts; beyond it the oldest is forgotten, as `calibration_limit`. */
const MAX_CALIBRATION_COUNT = 256
/** Each verdict makes the budget of this change ten times as strict, and the smallest change that matters half as large again. */
const EVIDENCE_FACTOR = 10
const EFFECT_FACTOR = 1.5

/** What a change must show before it becomes an alert. */
export interface Needs {
  /** Natural logarithm, on top of what all flows need. */
  readonly logEvidence: number
  /** Lower end of the effect's interval. */
  readonly alertThreshold: number
}

/** With verdicts of users on the same flow, step and metric it is more. */
export function needsOf(
  calibrations: readonly Calibration[],
  finding: Regression,
  alertThreshold: number,
): Needs {
  const count = calibrations.find((one) => isAbout(one, finding))?.alertIds.length ?? 0
  return {
    logEvidence: count * Math.log(EVIDENCE_FACTOR),
    alertThreshold: alertThreshold * EFFECT_FACTOR ** count,
  }
}

/** The findings of an alert were called false: each of their series needs more from now on. */
export function calibrate(
  calibrations: readonly Calibration[],
  { alertId, findings }: { alertId: string; findings: readonly Regression[] },
): { readonly calibrations: readonly Calibration[]; readonly forgottenCount: number } {
  let all = [...calibrations]
  for (const finding of findings) {
    const known = all.find((one) => isAbout(one, finding))
    if (known === undefined) {
      all.push({ ...seriesOf(finding), alertIds: [alertId] })
      continue
    }
    if (known.alertIds.includes(alertId)) continue
    const alertIds = [...known.alertIds, alertId].slice(-MAX_VERDICT_COUNT)
    all = all.map((one) => (one === known ? { ...known, alertIds } : one))
  }
  const forgottenCount = Math.max(0, all.length - MAX_CALIBRATION_COUNT)
  return { calibrations: all.slice(forgottenCount), forgottenCount }
}

/** Takes the verdict on an alert back. */
export function revoke(
  calibrations: readonly Calibration[],
  alertId: string,
): readonly Calibration[] {
  return calibrations
    .map((one) => ({ ...one, alertIds: one.alertIds.filter((id) => id !== alertId) }))
    .filter(({ alertIds }) => alertIds.length > 0)
}

function isAbout(known: Calibration, finding: Regression): boolean {
  const { flowId, stepId, phase, metric } = seriesOf(finding)
  return (
    known.flowId === flowId &&
    known.stepId === stepId &&
    known.phase === phase &&
    known.metric === metric
  )
}

function seriesOf(finding: Regression): Omit<Calibration, 'alertIds'> {
  const { flowId, phase } = finding.place
  return { flowId, stepId: stepOf(finding), phase, metric: finding.metric }
}
