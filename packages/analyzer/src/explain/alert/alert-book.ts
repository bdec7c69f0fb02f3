import type { Counters } from '../../baseline/counters.ts'
import type { FindingChange, Regression } from '../../detect/finding.ts'
import type { Alert, AlertCause, AlertStatus, Calibration } from './alert.ts'

/** All alerts of one tenant and what may become one. Plain data. */
export interface AlertBook {
  readonly tenant: string
  /** Flows whose changes are judged: the hypotheses. */
  watchedCount: number
  /** Executions that were judged. */
  judgedCount: number
  /** Open regressions, told in an alert or not, the oldest first. */
  candidates: Candidate[]
  /** Those that are open, the oldest first. */
  open: AlertRecord[]
  /** The last that ended, the oldest first. */
  ended: AlertRecord[]
  calibrations: readonly Calibration[]
  /** Alerts that a user called false, less those taken back. */
  falsePositiveCount: number
}

/** An open regression and how much speaks for it. */
export interface Candidate {
  finding: Regression
  /** Natural logarithm. */
  logEvidence: number
  /** The alert that tells of it. */
  alertId: string | undefined
  /** There was no room for its alert; counted once. */
  isRefused: boolean
}

/** An alert and what its life depends on. */
export interface AlertRecord {
  alert: Alert
  /** Its regressions as they were last seen, those that are over included; at most `MAX_MEMBER_COUNT`. */
  findings: Regression[]
  /** Those of them that are open. */
  openIds: string[]
  /** What it was before it ended: an acknowledged one that comes back needs no second acknowledgement. */
  statusBefore: AlertStatus
  /** When it came back, the last times. */
  returnsUnixNs: bigint[]
  /** Nothing of it is open since then, and it is kept because it flaps. */
  calmSinceUnixNs: bigint | undefined
}

/** What happened, in the order of the executions' ends. */
export type AlertInput =
  /** A flow has been learned: from now on its changes are judged. */
  | { readonly kind: 'watched'; readonly unixNs: bigint }
  | {
      readonly kind: 'finding'
      readonly unixNs: bigint
      readonly change: FindingChange
      /** Of a regression that opens; natural logarithm. */
      readonly logEvidence: number
    }
  /** More executions speak for or against an open regression. */
  | {
      readonly kind: 'evidence'
      readonly unixNs: bigint
      readonly findingId: string
      readonly logEvidence: number
    }
  /** Nothing but that it is later. */
  | { readonly kind: 'time'; readonly unixNs: bigint }

/** What the alerts are decided by, besides the findings. */
export interface AlertContext {
  /** At most one false alarm in this many executions of a flow. */
  readonly budget: number
  /** Smallest relative change worth an alarm. */
  readonly alertThreshold: number
  /** What a regression is due to, as far as it is known at a moment. */
  readonly causeOf: (finding: Regression, unixNs: bigint) => AlertCause
  /** Whether nearly everything that the flow itself does became slower, at that moment. */
  readonly isBroad: (finding: Regression, unixNs: bigint) => boolean
  readonly counters: Counters
}

/** Open alerts of a tenant; far more than anybody can look at. */
export const MAX_OPEN_ALERT_COUNT = 200
/** Ended ones that can be looked at, and that may come back. */
export const MAX_ENDED_ALERT_COUNT = 50
/** Open regressions that wait for evidence or stand in an alert: eight of a hundred flows and more. */
export const MAX_CANDIDATE_COUNT = 1_000

export function emptyBook(tenant: string): AlertBook {
  return {
    tenant,
    watchedCount: 0,
    judgedCount: 0,
    candidates: [],
    open: [],
    ended: [],
    calibrations: [],
    falsePositiveCount: 0,
  }
}

/** By id, open or ended. */
export function findRecord(book: AlertBook, alertId: string): AlertRecord | undefined {
  const isAsked = ({ alert }: AlertRecord) => alert.id === alertId
  return book.open.find(isAsked) ?? book.ended.find(isAsked)
}
