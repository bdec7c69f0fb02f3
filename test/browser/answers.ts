import type { Answer, ExecutionSummary, Plain, Report } from '@qflow-otel/analyzer'
import { type ExecutionAnswer, executionReport, why } from './example-execution.ts'
import { alert, bottleneck, executionId, recommendation, regression } from './example-findings.ts'
import { flow, learningFlow, pool, summary } from './example-flows.ts'

/** What a collector would answer, of the types that the page is written against. */
export interface Answers {
  readonly report: Plain<Report>
  readonly executions: readonly Plain<ExecutionSummary>[]
  readonly execution: Readonly<Record<string, ExecutionAnswer>>
  readonly why: Readonly<Record<string, Plain<Answer>>>
}

const losses = {
  acceptedSpanCount: 12_408,
  droppedSpans: { late: 3, duplicate: 0 },
  closedExecutions: { root_ended: 1030, idle: 2 },
}

const falseAlarms = {
  budgetExecutions: 10_000,
  replayed: { value: 4e-5, low: 1e-5, high: 1.2e-4, n: 100_000 },
  verdicts: undefined,
  falsePositiveCount: 0,
}

export const emptyAnswers: Answers = {
  report: {
    flows: [],
    findings: [],
    alerts: [],
    calibrations: [],
    falseAlarms,
    pools: [],
    processes: [],
    losses: { acceptedSpanCount: 0, droppedSpans: {}, closedExecutions: {} },
  },
  executions: [],
  execution: {},
  why: {},
}

export const learningAnswers: Answers = {
  report: {
    flows: [learningFlow],
    findings: [],
    alerts: [],
    calibrations: [],
    falseAlarms: { ...falseAlarms, replayed: undefined },
    pools: [],
    processes: [],
    losses,
  },
  executions: [summary(2), summary(5)],
  execution: {},
  why: {},
}

export const findingAnswers: Answers = {
  report: {
    flows: [flow, learningFlow],
    findings: [bottleneck, recommendation, regression],
    alerts: [],
    calibrations: [],
    falseAlarms,
    pools: [pool],
    processes: [],
    losses,
  },
  executions: Array.from({ length: 9 }, (_, index) => summary(index)),
  execution: { [executionId]: executionReport },
  why: {
    [executionId]: why,
    'order-checkout': {
      ...why,
      about: 'flow',
      id: 'order-checkout',
      headline: regression.sentence,
    },
  },
}

/** The same findings, and what they are together. */
export const alertAnswers: Answers = {
  ...findingAnswers,
  report: {
    ...findingAnswers.report,
    alerts: [
      alert,
      {
        ...alert,
        id: 'e'.repeat(32),
        relatedIds: [],
        state: 'resolved',
        status: 'resolved',
        endedBy: 'recovery',
      },
    ],
  },
}
