import type { Action, ActionCall, ActionParams } from '../core/ActionRegistry.ts'
import { QflowError } from '../models/QflowError.ts'
import { paramFault, textParam } from './ParamReaders.ts'

/** An answer is held in memory and in the results of its execution. */
const defaultMaxBytes = 1024 * 1024

/** The peer answered with a status that the step does not expect. */
export class HttpStatusError extends QflowError {
  readonly status: number

  constructor(status: number) {
    super('network_error', `The server answered with status ${status}`)
    this.status = status
  }
}

/** The peer could not be reached, or the answer broke off. */
export class HttpRequestError extends QflowError {}

/** `qflow.action.http`: one request through the global `fetch`. */
export const httpAction: Action = {
  handler: request,
  spec: {
    params: {
      url: { type: 'string', required: true },
      method: { type: 'string' },
      headers: { type: 'object' },
      body: { type: 'any' },
      expectStatus: { type: 'any' },
      maxBytes: { type: 'number' },
    },
    permissions: [],
  },
}

interface HttpResult {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

async function request(params: ActionParams, call: ActionCall): Promise<HttpResult> {
  const url = new URL(textParam(params, 'url'))
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw paramFault('url', 'an http or https address', url.protocol)
  }
  const { body, headers } = payloadOf(params)
  const init = { method: textParam(params, 'method', 'GET'), headers, signal: call.signal }
  const response = await fetch(url, body === undefined ? init : { ...init, body }).catch(
    (error: unknown) => requestFailed(error, call),
  )
  const text = await readBounded(response, params, call)
  if (!isExpected(response.status, params['expectStatus']))
    throw new HttpStatusError(response.status)
  const isJson = response.headers.get('content-type')?.includes('json') ?? false
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: isJson ? parseBody(text) : text,
  }
}

function payloadOf(params: ActionParams): { body: string | undefined; headers: Headers } {
  const headers = new Headers()
  for (const [name, value] of Object.entries(params['headers'] ?? {}))
    headers.set(name, String(value))
  const { body } = params
  if (body === undefined || typeof body === 'string') return { body, headers }
  if (!headers.has('content-type')) headers.set('content-type', 'application/json')
  return { body: JSON.stringify(body), headers }
}

function isExpected(status: number, expected: unknown): boolean {
  if (expected === undefined) return status >= 200 && status < 300
  return Array.isArray(expected) ? expected.includes(status) : expected === status
}

async function readBounded(
  response: Response,
  params: ActionParams,
  call: ActionCall,
): Promise<string> {
  const maxBytes = typeof params['maxBytes'] === 'number' ? params['maxBytes'] : defaultMaxBytes
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  try {
    for await (const chunk of response.body ?? []) {
      sizeBytes += chunk.byteLength
      if (sizeBytes > maxBytes) break
      chunks.push(chunk)
    }
  } catch (error) {
    requestFailed(error, call)
  }
  if (sizeBytes <= maxBytes) return Buffer.concat(chunks).toString('utf8')
  throw new QflowError('resource_exhausted', `The answer is larger than ${maxBytes} bytes`)
}

function requestFailed(error: unknown, call: ActionCall): never {
  call.signal.throwIfAborted()
  const reason = error instanceof Error && error.cause instanceof Error ? error.cause : error
  throw new HttpRequestError('network_error', `The request failed: ${String(reason)}`, {
    cause: error,
  })
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new HttpRequestError('network_error', 'The answer says JSON and is not', { cause: error })
  }
}
