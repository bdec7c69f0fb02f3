import type { AlertActionName, Answer, ExecutionSummary, Plain, Report } from '@qflow-otel/analyzer'
import { encoded } from './route.ts'
import type { ExecutionAnswer } from './wire.ts'

/** The form of the collector's answers that this page reads; others are refused with a word to reload. */
const schemaVersion = 1
/** Far longer than an answer takes; after it the page says that none came. */
const timeoutMs = 15_000

/** What came of a question. */
export type Loaded<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'missing' }
  | { readonly kind: 'failed'; readonly reason: string }

/** A question to the collector: where to ask, and which member of the answer holds the value. */
export interface Question<T> {
  readonly path: string
  readonly member: string
  /** Carries `T`; never set. */
  readonly type?: T
}

/** Addresses are relative, so that the page works behind a path prefix. */
export const liveUrl = 'api/v1/live'
/** Answers as long as the collector lives. */
export const healthUrl = 'health'

/** Flows, findings and losses. */
export const askReport: Question<Plain<Report>> = { path: 'api/v1/report', member: 'report' }

/** The newest executions, of one flow or of all. */
export function askExecutions(query: {
  flowId?: string
  limit: number
}): Question<readonly Plain<ExecutionSummary>[]> {
  const flow = query.flowId === undefined ? '' : `flow=${encoded(query.flowId)}&`
  return { path: `api/v1/executions?${flow}limit=${query.limit}`, member: 'executions' }
}

/** One execution with its path. */
export function askExecution(executionId: string): Question<ExecutionAnswer> {
  return { path: `api/v1/executions/${encoded(executionId)}`, member: 'execution' }
}

/** One execution or flow in words. */
export function askWhy(
  about: { executionId: string } | { flowId: string },
): Question<Plain<Answer>> {
  const query =
    'flowId' in about ? `flow=${encoded(about.flowId)}` : `execution=${encoded(about.executionId)}`
  return { path: `api/v1/why?${query}`, member: 'answer' }
}

/** Asks the collector once. Never throws: what went wrong is part of the answer. */
export async function load<T>(question: Question<T>): Promise<Loaded<T>> {
  try {
    const response = await fetch(question.path, {
      headers: { accept: 'application/json' },
      signal: AbortSignal.timeout(timeoutMs),
    })
    if (response.status === 404) return { kind: 'missing' }
    if (!response.ok) return { kind: 'failed', reason: `the collector answered ${response.status}` }
    return readAnswer(question, await response.json())
  } catch (error) {
    return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) }
  }
}

/** What a user does with an alert; the live stream tells when it is done. Never throws: says what went wrong. */
export async function actOnAlert(
  alertId: string,
  action: AlertActionName,
  forMs?: number,
): Promise<string | undefined> {
  const query = forMs === undefined ? '' : `?forMs=${forMs}`
  try {
    const response = await fetch(`api/v1/alerts/${encoded(alertId)}/${action}${query}`, {
      method: 'POST',
      headers: { accept: 'application/json' },
      signal: AbortSignal.timeout(timeoutMs),
    })
    return response.ok ? undefined : await problemOf(response)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

async function problemOf(response: Response): Promise<string> {
  const body: unknown = await response.json().catch(() => undefined)
  const isOurs = typeof body === 'object' && body !== null && 'error' in body
  const problem = isOurs ? body.error : undefined
  const hasWords = typeof problem === 'object' && problem !== null && 'message' in problem
  return hasWords ? String(problem.message) : `the collector answered ${response.status}`
}

function readAnswer<T>(question: Question<T>, body: unknown): Loaded<T> {
  const answer =
    typeof body === 'object' && body !== null ? new Map(Object.entries(body)) : new Map()
  const version: unknown = answer.get('schemaVersion')
  if (version !== schemaVersion) {
    const reason = `expected schema version ${schemaVersion}, found ${String(version)}: reload the page`
    return { kind: 'failed', reason }
  }
  const value: unknown = answer.get(question.member)
  if (value === undefined || value === null) return { kind: 'missing' }
  // The collector writes what these types describe, and the version above says that it is this form.
  return { kind: 'ok', value: value as T }
}
