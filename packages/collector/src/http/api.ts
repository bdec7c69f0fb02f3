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
export function answerQuestion(analyzer: Analyzer, url: URL): ApiAnswer | undefined {
  const { pathname, searchParams } = url
  if (pathname === '/api/v1/report') return ok(queryReport(analyzer))
  if (pathname === '/api/v1/findings') return ok(queryFindings(analyzer))
  if (pathname === '/api/v1/alerts') return ok(queryAlerts(analyzer))
  if (pathname === '/api/v1/executions') return executions(analyzer, searchParams)
  if (pathname === '/api/v1/detection') return detection(analyzer, searchParams)
  if (pathname === '/api/v1/why') return why(analyzer, searchParams)
  const execution = /^\/api\/v1\/executions\/([^/]+)$/.exec(pathname)?.[1]
  return execution === undefined ? undefined : oneExecution(analyzer, execution)
}

export function apiError(status: number, message: string): ApiAnswer {
  return { status, body: { schemaVersion: QUERY_SCHEMA_VERSION, error: { message } } }
}

function executions(analyzer: Analyzer, params: URLSearchParams): ApiAnswer {
  const limitText = params.get('limit')
  const limit = limitText === null ? undefined : Number(limitText)
  if (limit !== undefined && !(Number.isInteger(limit) && limit >= 1)) {
    const found = JSON.stringify(limitText)
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
