import type { Analyzer } from '@qflow-otel/analyzer'
import { queryExecution, queryExecutions, queryReport, queryWhy } from '@qflow-otel/collector'
import { type AnswerSource, MAX_KNOWN_EXECUTIONS } from './answer-source.ts'

/** Answers of an analyzer in this process, by the collector's own questions. */
export function analyzerSource(analyzer: Analyzer): AnswerSource {
  return {
    place: '',
    async explain(id) {
      const aboutExecution = queryWhy(analyzer, { executionId: id })
      if (aboutExecution !== undefined) {
        const execution = queryExecution(analyzer, id)?.execution
        return { answer: aboutExecution.answer, execution }
      }
      const aboutFlow = queryWhy(analyzer, { flowId: id })
      return aboutFlow && { answer: aboutFlow.answer, execution: undefined }
    },
    async knownIds() {
      const flows = queryReport(analyzer).report.flows.map(({ flowId }) => flowId)
      const { executions } = queryExecutions(analyzer, { limit: MAX_KNOWN_EXECUTIONS })
      return [...flows, ...executions.map(({ executionId }) => executionId)]
    },
  }
}
