import type { Analyzer } from '@qflow-otel/analyzer'
import { queryExecution, queryExecutions, queryReport, queryWhy } from '@qflow-otel/collector'
import { type AnswerSource, type Explanation, MAX_KNOWN_EXECUTIONS } from './answer-source.ts'

/**
 * Answers of an analyzer in this process, by the collector's own questions.
 * @param older knows an execution that the analyzer has seen but no longer keeps in full.
 */
export function analyzerSource(
  analyzer: Analyzer,
  older: () => Analyzer | undefined,
): AnswerSource {
  return {
    place: '',
    async explain(id) {
      const execution = aboutExecution(analyzer, id)
      if (execution !== undefined) return execution
      const flow = queryWhy(analyzer, { flowId: id })
      if (flow !== undefined) return { answer: flow.answer, execution: undefined }
      const before = older()
      return before && aboutExecution(before, id)
    },
    async knownIds() {
      const flows = queryReport(analyzer).report.flows.map(({ flowId }) => flowId)
      const { executions } = queryExecutions(analyzer, { limit: MAX_KNOWN_EXECUTIONS })
      return [...flows, ...executions.map(({ executionId }) => executionId)]
    },
  }
}

function aboutExecution(analyzer: Analyzer, executionId: string): Explanation | undefined {
  const about = queryWhy(analyzer, { executionId })
  return (
    about && { answer: about.answer, execution: queryExecution(analyzer, executionId)?.execution }
  )
}
