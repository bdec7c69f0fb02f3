import type { Analyzer } from '@qflow-otel/analyzer'
import {
  MAX_EXECUTION_LIMIT,
  QUERY_SCHEMA_VERSION,
  queryAlerts,
  queryDetection,
  queryExecution,
  queryExecutions,
  queryFindings,
  queryReport,
  queryWhy,
} from '../query.ts'

export interface ApiAnswer {
  readonly status: number
  /** Ready for `JSON.stringify`. */
  readonly body: unknown
}

/**
 * The HTTP form of `query.ts`. Answers nothing for a path that is not a question.
 *
 * Errors are `{ schemaVersion, error: { message } }` with 400 for a bad parameter and 404 for what is not known.
 */
export function answerQuestion(
  analyzer: Analyzer,
  { pathname, searchParams }: URL,
): ApiAnswer | undefined {
  const question = questionAt(pathname)
  if (question === undefined) return undefined
  const unknown = [...searchParams.keys()].find((name) => !question.params.includes(name))
  return unknown === undefined
    ? question.answer(analyzer, searchParams)
    : unknownParameter(unknown, question.params)
}

interface Question {
  /** The names that may stand in its query. */
  readonly params: readonly string[]
  readonly answer: (analyzer: Analyzer, params: URLSearchParams) => ApiAnswer
}

const QUESTIONS: ReadonlyMap<string, Question> = new Map([
  ['report', { params: [], answer: (analyzer) => ok(queryReport(analyzer)) }],
  ['findings', { params: [], answer: (analyzer) => ok(queryFindings(analyzer)) }],
  ['alerts', { params: [], answer: (analyzer) => ok(queryAlerts(analyzer)) }],
  ['executions', { params: ['flow', 'limit'], answer: executions }],
  ['detection', { params: ['flow'], answer: detection }],
  ['why', { params: ['execution', 'flow'], answer: why }],
])

function questionAt(pathname: string): Question | undefined {
  const [, name, id] = /^\/api\/v1\/([^/]+)(?:\/([^/]+))?$/.exec(pathname) ?? []
  if (name === undefined) return undefined
  if (id === undefined) return QUESTIONS.get(name)
  if (name !== 'executions') return undefined
  return { params: [], answer: (analyzer) => oneExecution(analyzer, id) }
}

/** A misspelt filter that is passed over would answer another question. */
function unknownParameter(name: string, known: readonly string[]): ApiAnswer {
  const expected = known.length === 0 ? 'no parameter' : `no parameter but ${known.join(' and ')}`
  return apiError(400, `expected ${expected}, found ${JSON.stringify(name.slice(0, 80))}`)
}

export function apiError(status: number, message: string): ApiAnswer {
  return { status, body: { schemaVersion: QUERY_SCHEMA_VERSION, error: { message } } }
}

function executions(analyzer: Analyzer, params: URLSearchParams): ApiAnswer {
  const limitText = params.get('limit')
  const limit = limitText === null ? undefined : Number(limitText)
  const isGood = (count: number) =>
    Number.isInteger(count) && count >= 1 && count <= MAX_EXECUTION_LIMIT
  if (limitText !== null && !isGood(Number(limitText))) {
    const found = JSON.stringify(limitText.slice(0, 80))
    return apiError(
      400,
      `limit: expected a whole number from 1 to ${MAX_EXECUTION_LIMIT}, found ${found}`,
    )
  }
  const flowId = params.get('flow') ?? undefined
  const query = { ...(flowId !== undefined && { flowId }), ...(limit !== undefined && { limit }) }
  return ok(queryExecutions(analyzer, query))
}

function detection(analyzer: Analyzer, params: URLSearchParams): ApiAnswer {
  const flowId = params.get('flow') ?? undefined
  return ok(queryDetection(analyzer, flowId === undefined ? {} : { flowId }))
}

function why(analyzer: Analyzer, params: URLSearchParams): ApiAnswer {
  const executionId = params.get('execution') ?? undefined
  const flowId = params.get('flow') ?? undefined
  if (executionId !== undefined && flowId === undefined)
    return found(queryWhy(analyzer, { executionId }), `execution ${executionId}`)
  if (flowId !== undefined && executionId === undefined)
    return found(queryWhy(analyzer, { flowId }), `flow ${flowId}`)
  return apiError(400, 'expected one of ?execution=ID and ?flow=ID')
}

function oneExecution(analyzer: Analyzer, encodedId: string): ApiAnswer {
  try {
    const id = decodeURIComponent(encodedId)
    return found(queryExecution(analyzer, id), `execution ${id}`)
  } catch (error) {
    if (!(error instanceof URIError)) throw error
    return apiError(400, 'execution id: expected percent-encoded UTF-8, found a broken escape')
  }
}

function found(answer: unknown, what: string): ApiAnswer {
  if (answer !== undefined) return ok(answer)
  return apiError(404, `${what} is not known: it was never seen, or it is too long ago`)
}

function ok(body: unknown): ApiAnswer {
  return { status: 200, body }
}
