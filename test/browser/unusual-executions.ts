import { type Answers, findingAnswers } from './answers.ts'
import { type ExecutionAnswer, executionReport } from './example-execution.ts'

/** The example, in which nothing ran on one segment of its path. */
export function withPause(pause: { startNs: number; endNs: number }): Answers {
  const { execution, path } = executionReport
  const report: ExecutionAnswer = {
    ...executionReport,
    execution: { ...execution, activeNs: execution.durationNs - pause.endNs + pause.startNs },
    path: path.map((segment) => {
      if (segment.startNs !== pause.startNs) return segment
      return { ...segment, phase: 'paused', spanId: undefined, spanIndex: undefined }
    }),
    totals: [
      {
        stepId: undefined,
        phase: 'paused',
        spanName: undefined,
        ns: pause.endNs - pause.startNs,
        isEstimated: false,
      },
    ],
  }
  return { ...findingAnswers, execution: { [execution.executionId]: report } }
}

/** An execution of that many spans, one after the other. */
export function manySpans(count: number): Answers {
  const { execution } = executionReport
  const [root] = execution.spans
  if (root === undefined) throw new Error('the example has a root')
  const calls = Array.from({ length: count - 1 }, (_, index) => ({
    ...root,
    spanId: `call-${index + 1}`,
    parentSpanId: root.spanId,
    parentRow: 0,
    name: `call ${index + 1}`,
    role: 'foreign' as const,
    startNs: index * 1e4,
    endNs: (index + 1) * 1e4,
    depth: 1,
  }))
  const spans = [root, ...calls]
  const path = calls.map(({ spanId, startNs, endNs }, index) => {
    return { spanId, spanIndex: index + 1, stepId: undefined, phase: undefined, startNs, endNs }
  })
  const report = { ...executionReport, path, execution: { ...execution, spans, spanCount: count } }
  return { ...findingAnswers, execution: { [execution.executionId]: report } }
}
