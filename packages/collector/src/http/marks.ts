import type { IncomingMessage } from 'node:http'
import { type MarkRequest, queryMark } from '../query.ts'
import { BodyError, ReadBudget, readBody } from '../receive/body.ts'
import { type ApiAnswer, apiError } from './api.ts'

/** Deployments are marked from scripts, which know the short path only. */
const PATHS: readonly string[] = ['/api/v1/marks', '/api/marks']
/** A text of 200 characters, a flow and a time. */
const MAX_BODY_BYTES = 8 * 1024
/** Bodies that are read at once: a script marks, and not a fleet. */
const MAX_BODIES_BYTES = 64 * 1024
const MAX_FLOW_LENGTH = 256

/** Whether marks are taken there; the path answers to POST only. */
export function isMarkPath(pathname: string): boolean {
  return PATHS.includes(pathname)
}

/** Takes marks, whose time is now where none is given. */
export type MarkDoor = (request: IncomingMessage, url: URL) => Promise<ApiAnswer>

/**
 * `POST /api/v1/marks?text=…&flow=…&at=…`, or the same members as a JSON object in the body: the mark as it is kept.
 *
 * `at` is ISO 8601 with a zone, or ms since 1970. 400 for a text that is missing, a time that is none or lies ahead; 413 for a body
 * too large.
 */
export function markDoor(options: {
  readonly mark: (request: MarkRequest) => void
  readonly nowUnixMs: () => number
}): MarkDoor {
  const budget = new ReadBudget(MAX_BODIES_BYTES)
  return async (request, url) => {
    try {
      const members = { ...(await bodyMembers(request, budget)), ...queryMembers(url) }
      const found = markOf(members, options.nowUnixMs())
      if ('status' in found) return found
      options.mark(found)
      return { status: 200, body: queryMark(found) }
    } catch (error) {
      if (!(error instanceof BodyError)) throw error
      return apiError(error.problem.status, error.message)
    }
  }
}

type Members = Readonly<Record<string, unknown>>

function queryMembers({ searchParams }: URL): Members {
  return Object.fromEntries(
    ['text', 'flow', 'at'].flatMap((name) => {
      const value = searchParams.get(name)
      return value === null ? [] : [[name, value]]
    }),
  )
}

async function bodyMembers(request: IncomingMessage, budget: ReadBudget): Promise<Members> {
  const body = await readBody(request, { maxBytes: MAX_BODY_BYTES, budget })
  if (body.length === 0) return {}
  try {
    const value: unknown = JSON.parse(body.toString('utf8'))
    // Whatever its members are, `markOf` looks at each.
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Members
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw new BodyError({ status: 400, message: 'body: expected a JSON object or none' })
}

/** Clocks of hosts disagree by less. */
const MAX_AHEAD_MS = 60_000

function markOf({ text, flow, at }: Members, nowUnixMs: number): MarkRequest | ApiAnswer {
  if (typeof text !== 'string' || text.trim() === '')
    return apiError(400, 'text: expected what was done, found none')
  if (
    flow !== undefined &&
    (typeof flow !== 'string' || flow === '' || flow.length > MAX_FLOW_LENGTH)
  )
    return apiError(
      400,
      `flow: expected the id of a flow, found ${JSON.stringify(flow)?.slice(0, 80)}`,
    )
  const unixMs = at === undefined ? nowUnixMs : unixMsOf(at)
  if (unixMs === undefined) {
    const found = JSON.stringify(at)?.slice(0, 80)
    return apiError(
      400,
      `at: expected a time such as 2026-11-25T19:00:00Z or ms since 1970, found ${found}`,
    )
  }
  if (unixMs > nowUnixMs + MAX_AHEAD_MS) return apiError(400, 'at: expected a time that has come')
  return { text: text.trim(), unixMs, ...(typeof flow === 'string' && { flowId: flow }) }
}

/** Without a zone nobody knows which one was meant. */
const ISO_TIME = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/i

function unixMsOf(at: unknown): number | undefined {
  const text = typeof at === 'number' ? String(at) : at
  if (typeof text !== 'string') return undefined
  const unixMs = ISO_TIME.test(text)
    ? Date.parse(text.replace(' ', 'T'))
    : Number(text.trim() || Number.NaN)
  return Number.isSafeInteger(Math.round(unixMs)) && unixMs >= 0 ? Math.round(unixMs) : undefined
}
