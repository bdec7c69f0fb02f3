import type { Cause } from '../../detect/cause.ts'
import type {
  Estimate,
  Evidence,
  FindingClass,
  Place,
  Regression,
  Severity,
} from '../../detect/finding.ts'

/** What a user said about an alert, or that it ended; `open` is what nobody has looked at. */
export type AlertStatus = 'open' | 'acknowledged' | 'snoozed' | 'resolved' | 'false-positive'

/** What the findings of an alert have in common. */
export interface AlertCause {
  /**
   * `dependency`: the user's own spans of one name; `pool`: a resource pool; `ledger`: appending and validating records;
   * `action`: the code behind steps of one action; `traffic`: fewer executions are started, of several flows at once;
   * `phase`: one phase of all steps of a flow; `step`, `flow`, `process`: nothing that others share; the others as in `Cause`.
   */
  readonly kind:
    | 'dependency'
    | 'pool'
    | 'ledger'
    | 'action'
    | 'traffic'
    | 'phase'
    | 'step'
    | 'flow'
    | 'process'
    | Exclude<Cause['kind'], 'place'>
  /** Tells causes of one kind apart, e.g. `POST payments.example`. */
  readonly name: string
  /** Of a `phase`: what the cause would be called by the step in which it changed most; the same step, the same cause. */
  readonly mainStep?: string
}

/** One problem, told once: everything that became slower for one cause, in whatever flows. Plain data. */
export interface Alert {
  readonly kind: 'alert'
  /** Stable over the alert's life, 32 hex digits. */
  readonly id: string
  readonly tenant: string
  /** `resolved` as well once a user ended it. */
  readonly state: 'open' | 'resolved'
  readonly status: AlertStatus
  readonly cause: AlertCause
  /** Of its gravest finding, like class, severity, effect and evidence. */
  readonly place: Place
  readonly class: FindingClass
  readonly severity: Severity
  readonly effect: Estimate
  readonly evidence: Evidence
  /** One sentence for people. */
  readonly sentence: string
  /** In the order in which they joined, at most `MAX_MEMBER_COUNT`. */
  readonly flowIds: readonly string[]
  /** Its regressions, in the order in which they joined, at most `MAX_MEMBER_COUNT`; the last ones when it has ended. */
  readonly findingIds: readonly string[]
  readonly onsetUnixNs: bigint
  readonly openedUnixNs: bigint
  readonly updatedUnixNs: bigint
  /** While it is snoozed. */
  readonly snoozedUntilUnixNs: bigint | undefined
  /** How often it came back within `REOPEN_MS` of its end. */
  readonly reopenedCount: number
  /** Once it has ended. */
  readonly endedBy: 'recovery' | 'user' | 'merge' | undefined
}

/** A step in an alert's life; becomes the event `qflow.alert.<change>`. */
export interface AlertChange {
  readonly change: 'opened' | 'updated' | 'resolved'
  readonly finding: Alert
}

/** Findings that one alert names; more are counted as `alert_member_limit` and share its fate. */
export const MAX_MEMBER_COUNT = 50

/** That a change of this flow, step and metric was called a false alarm, and what it needs since. */
export interface Calibration {
  readonly flowId: string
  readonly stepId: string | undefined
  readonly phase: Place['phase']
  readonly metric: Regression['metric']
  /** Verdicts that count, the oldest first; each from another alert. At most `MAX_VERDICT_COUNT`. */
  readonly alertIds: readonly string[]
}
