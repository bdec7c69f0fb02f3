import http from 'node:http'
import https from 'node:https'
import type { Clock } from '../clock.ts'
import { retryAfterMs } from './backoff.ts'
import type { Parcel, Send, SendOutcome } from './parcel.ts'
import { partialSuccessCount } from './partial-success.ts'

export interface HttpSenderOptions {
  readonly baseUrl: string
  readonly headers: Readonly<Record<string, string>>
  readonly timeoutMs: number
  readonly clock: Clock
}

/** The only answers after which OTLP lets a client try again. */
const retryableStatuses: ReadonlySet<number> = new Set([429, 502, 503, 504])

/** What is read of an answer; OTLP answers are at most 4 MiB. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024

/** Sends parcels by HTTP over kept-alive connections; `close` ends them. */
export function createHttpSender(options: HttpSenderOptions): { send: Send; close(): void } {
  const isTls = options.baseUrl.startsWith('https:')
  const agent = isTls ? new https.Agent({ keepAlive: true }) : new http.Agent({ keepAlive: true })
  const request = isTls ? https.request : http.request
  return {
    send: async (parcel, signal) => {
      try {
        return await attempt(parcel, { ...options, signal, agent, request })
      } catch (error) {
        return { kind: 'retry', reason: reasonOf(error), retryAfterMs: undefined }
      }
    },
    close: () => agent.destroy(),
  }
}

interface Attempt extends HttpSenderOptions {
  readonly signal: AbortSignal
  readonly agent: http.Agent
  readonly request: typeof http.request
}

function attempt(parcel: Parcel, how: Attempt): Promise<SendOutcome> {
  const url = how.baseUrl.replace(/\/+$/, '') + parcel.path
  return new Promise((resolve, reject) => {
    const outgoing = how.request(url, {
      method: 'POST',
      agent: how.agent,
      signal: how.signal,
      headers: headersOf(parcel, how.headers),
    })
    const timer = how.clock.after(how.timeoutMs, () =>
      outgoing.destroy(new Error(`no answer within ${how.timeoutMs} ms`)),
    )
    outgoing.on('error', reject)
    let isAnswered = false
    outgoing.on('close', () => {
      timer.cancel()
      // An answer that breaks off is an error of the answer.
      if (!isAnswered) reject(new Error('connection closed before the answer'))
    })
    outgoing.on('response', (answer) => {
      isAnswered = true
      readAnswer(answer).then((body) => resolve(outcomeOf(answer, body, how.clock)), reject)
    })
    outgoing.end(parcel.body)
  })
}

function headersOf(parcel: Parcel, more: Readonly<Record<string, string>>) {
  const encoding =
    parcel.contentEncoding === undefined ? {} : { 'content-encoding': parcel.contentEncoding }
  return {
    ...more,
    'content-type': parcel.contentType,
    ...encoding,
    'content-length': String(parcel.body.length),
    'user-agent': 'qflow-otel-collector',
  }
}

async function readAnswer(answer: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of answer) {
    // Without `setEncoding` a stream of a socket yields buffers.
    const bytes = chunk as Buffer
    size += bytes.length
    if (size <= MAX_ANSWER_BYTES) chunks.push(bytes)
  }
  return Buffer.concat(chunks)
}

function outcomeOf(answer: http.IncomingMessage, body: Buffer, clock: Clock): SendOutcome {
  const status = answer.statusCode ?? 0
  if (status >= 200 && status < 300)
    return {
      kind: 'delivered',
      refusedCount: partialSuccessCount(body, answer.headers['content-type']),
    }
  const reason = `the backend answered ${status}`
  if (!retryableStatuses.has(status)) return { kind: 'refused', reason }
  const nowUnixMs = Number(clock.nowUnixNs() / 1_000_000n)
  return {
    kind: 'retry',
    reason,
    retryAfterMs: retryAfterMs(answer.headers['retry-after'], nowUnixMs),
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // A refused connection to a name with several addresses has its reasons inside.
  const inner = error instanceof AggregateError ? error.errors[0] : undefined
  return inner instanceof Error ? inner.message : error.message
}
