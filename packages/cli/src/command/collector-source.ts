import { visible } from '../text/visible.ts'
import { type AnswerSource, MAX_KNOWN_EXECUTIONS } from './answer-source.ts'
import { answerOf, executionOf, idsOf } from './collector-answer.ts'
import { askCollector, collectorBase } from './collector-client.ts'

/** Answers of a running collector, over its HTTP interface. */
export function collectorSource(url: string): AnswerSource {
  const base = collectorBase(url)
  const ask = (path: string, params: Record<string, string>) => askCollector(base, { path, params })
  return {
    place: ` to the collector at ${visible(base.href)}`,
    async explain(id) {
      const aboutExecution = await ask('why', { execution: id })
      if (aboutExecution !== undefined) {
        const execution = await ask(`executions/${encodeURIComponent(id)}`, {})
        return {
          answer: answerOf(aboutExecution),
          execution: execution === undefined ? undefined : executionOf(execution),
        }
      }
      const aboutFlow = await ask('why', { flow: id })
      return aboutFlow && { answer: answerOf(aboutFlow), execution: undefined }
    },
    async knownIds() {
      const report = (await ask('report', {})) ?? {}
      const executions = (await ask('executions', { limit: `${MAX_KNOWN_EXECUTIONS}` })) ?? {}
      return idsOf(report, executions)
    },
  }
}
