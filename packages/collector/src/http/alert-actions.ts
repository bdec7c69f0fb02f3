import {
  ALERT_ACTIONS,
  type Alert,
  AlertActionError,
  type AlertActionName,
  MAX_SNOOZE_MS,
} from '@qflow-otel/analyzer'
import { type AlertRequest, answerAlertAction } from '../query.ts'
import { type ApiAnswer, apiError } from './api.ts'

/** What a user does with an alert takes its id from the path and nothing from the body. */
const ACTION_PATH = /^\/api\/v1\/alerts\/([^/]+)\/([^/]+)$/

/** Whether the path is one of an action; those answer to POST only. */
export function isAlertActionPath(pathname: string): boolean {
  return ACTION_PATH.test(pathname)
}

/**
 * `POST /api/v1/alerts/{id}/{action}`, `?forMs=` for a snooze: the alert as it is then.
 *
 * 400 for what is no action or no length, 404 for an alert that is not known, 409 for one that does not allow it.
 */
export function answerAction(act: (request: AlertRequest) => Alert, url: URL): ApiAnswer {
  const [, encodedId = '', name = ''] = ACTION_PATH.exec(url.pathname) ?? []
  const action = ALERT_ACTIONS.find((one) => one === name)
  if (action === undefined) {
    const found = JSON.stringify(name)
    return apiError(404, `expected one of ${ALERT_ACTIONS.join(', ')}, found ${found}`)
  }
  const forMs = forMsOf(action, url.searchParams)
  if (forMs === 'wrong')
    return apiError(400, `forMs: expected ms from 1 to ${MAX_SNOOZE_MS}, found another`)
  try {
    const alertId = decodeURIComponent(encodedId)
    const request = { alertId, action, ...(forMs !== undefined && { forMs }) }
    return { status: 200, body: answerAlertAction(act, request) }
  } catch (error) {
    return refusal(error)
  }
}

function forMsOf(action: AlertActionName, params: URLSearchParams): number | undefined | 'wrong' {
  if (action !== 'snooze') return undefined
  const text = params.get('forMs') ?? ''
  const isGood = /^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= MAX_SNOOZE_MS
  return isGood ? Number(text) : 'wrong'
}

const STATUSES: Readonly<Record<AlertActionError['reason'], number>> = {
  'unknown-alert': 404,
  'bad-time': 400,
  'wrong-state': 409,
}

function refusal(error: unknown): ApiAnswer {
  if (error instanceof URIError)
    return apiError(400, 'alert id: expected percent-encoded UTF-8, found a broken escape')
  if (error instanceof AlertActionError) return apiError(STATUSES[error.reason], error.message)
  throw error
}
