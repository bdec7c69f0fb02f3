import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Alert, Analyzer } from '@qflow-otel/analyzer'
import type { Accounting } from '../accounting.ts'
import type { AlertRequest } from '../query.ts'
import { type Problem, problemAnswer } from '../receive/answer.ts'
import { RETRY_AFTER_SECONDS } from '../receive/body.ts'
import type { Receiver } from '../receive/receiver.ts'
import { encodingOf, type Signal, signalOfPath, signals } from '../receive/signal.ts'
import { answerAction, isAlertActionPath } from './alert-actions.ts'
import { answerQuestion, apiError } from './api.ts'
import { type HostRule, isOwnHost, isOwnOrigin } from './guard.ts'
import type { LiveStream } from './live.ts'
import { isMarkPath, type MarkDoor } from './marks.ts'
import type { Page } from './page.ts'
import {
  type Exchange,
  noStore,
  securityHeaders,
  write,
  writeFile,
  writeJson,
  writeOtlp,
} from './respond.ts'
import type { UnreadAnswers } from './unread-answers.ts'

export interface FrontOptions {
  readonly hostRule: HostRule
  readonly receiver: Receiver
  readonly accounting: Accounting
  readonly analyzer: Analyzer
  /** Does what a user asks for; throws `AlertActionError`. */
  readonly actOnAlert: (request: AlertRequest) => Alert
  readonly takeMark: MarkDoor
  readonly live: LiveStream
  readonly unread: UnreadAnswers
  readonly page: Page
  /** The body of /health, ready for `JSON.stringify`. */
  readonly health: () => unknown
  /** The body of /metrics in Prometheus text. */
  readonly metrics: () => Promise<string>
  readonly onFault: (error: unknown) => void
}

/** One handler for everything that arrives: OTLP, questions, the live stream and the page. */
export function createFront(
  options: FrontOptions,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    const exchange = { request, response, unread: options.unread }
    // A client that goes away while it is answered is no fault of ours.
    response.on('error', () => response.destroy())
    route(options, exchange).catch((error: unknown) => {
      options.onFault(error)
      if (response.headersSent) response.destroy()
      else void writeJson(exchange, apiError(500, 'the collector failed at this request'))
    })
  }
}

async function route(options: FrontOptions, exchange: Exchange): Promise<void> {
  const { headers, method } = exchange.request
  const url = urlOf(exchange.request)
  if (url === undefined)
    return writeJson(exchange, apiError(400, 'expected a path, found something else'))
  const signal = signalOfPath(url.pathname)
  if (signal !== undefined) return otlp(options, signal, exchange)
  if (!isOwnHost(headers.host, options.hostRule)) {
    const found = JSON.stringify(headers.host ?? '')
    const message = `Host: expected a name of this collector, found ${found}; other names have to be among its allowed hosts`
    return writeJson(exchange, apiError(403, message))
  }
  if (!isOwnOrigin(headers))
    return writeJson(exchange, apiError(403, 'Origin: expected our own page, found another'))
  if (url.pathname.startsWith('/v1/')) return unknownSignal(url, exchange)
  if (isAlertActionPath(url.pathname)) return act(options, url, exchange)
  if (isMarkPath(url.pathname)) return mark(options, url, exchange)
  if (method === 'GET' || method === 'HEAD') return read(options, url, exchange)
  const refusal = apiError(405, `expected GET or HEAD, found ${method}`)
  return writeJson(exchange, refusal, { allow: 'GET, HEAD' })
}

/** Tools send OTLP under any host name; only what a browser brings (it says `Origin`) must come from our page. */
async function otlp(options: FrontOptions, signal: Signal, exchange: Exchange): Promise<void> {
  const { accounting, hostRule, receiver } = options
  const { headers, method } = exchange.request
  const isForeignPage =
    headers.origin !== undefined && !(isOwnOrigin(headers) && isOwnHost(headers.host, hostRule))
  if (isForeignPage) {
    accounting.request(signal.name, 'forbidden')
    const message = 'Origin: expected our own page or a sender that is no page, found another page'
    return refuseOtlp(exchange, { status: 403, message })
  }
  if (method !== 'POST') {
    accounting.request(signal.name, 'unsupported')
    const message = `expected POST, found ${method}`
    return refuseOtlp(exchange, { status: 405, message, headers: { allow: 'POST' } })
  }
  const answer = await receiver.answer(signal, exchange.request)
  if (answer !== undefined) return writeOtlp(exchange, answer)
  exchange.response.destroy()
}

function unknownSignal(url: URL, exchange: Exchange): Promise<void> {
  const paths = signals.map(({ path }) => path).join(', ')
  const message = `expected one of ${paths}, found ${url.pathname}`
  return refuseOtlp(exchange, { status: 404, message })
}

function refuseOtlp(exchange: Exchange, problem: Problem): Promise<void> {
  const encoding = encodingOf(exchange.request.headers['content-type'])
  return writeOtlp(exchange, problemAnswer(problem, encoding))
}

/** What changes something must not be brought about by a link. */
async function act(options: FrontOptions, url: URL, exchange: Exchange): Promise<void> {
  const { method } = exchange.request
  if (method === 'POST') return writeJson(exchange, answerAction(options.actOnAlert, url))
  return writeJson(exchange, apiError(405, `expected POST, found ${method}`), { allow: 'POST' })
}

async function mark(options: FrontOptions, url: URL, exchange: Exchange): Promise<void> {
  const { request } = exchange
  if (request.method === 'POST') return writeJson(exchange, await options.takeMark(request, url))
  const refusal = apiError(405, `expected POST, found ${request.method}`)
  return writeJson(exchange, refusal, { allow: 'POST' })
}

async function read(options: FrontOptions, url: URL, exchange: Exchange): Promise<void> {
  const { pathname } = url
  if (pathname === '/health') return writeJson(exchange, { status: 200, body: options.health() })
  if (pathname === '/api/v1/live') return follow(options, exchange)
  const file = options.page.get(pathname)
  if (file !== undefined) return writeFile(exchange, file)
  if (!options.unread.admits()) return comeBack(exchange)
  if (pathname === '/metrics') {
    const body = Buffer.from(await options.metrics())
    const contentType = 'text/plain; version=0.0.4; charset=utf-8'
    return write(exchange, { status: 200, contentType, headers: noStore, body })
  }
  const answer = answerQuestion(options.analyzer, url)
  if (answer !== undefined) return writeJson(exchange, answer)
  return writeJson(exchange, apiError(404, missing(pathname, options.page)))
}

/** What is small or in memory anyway is answered all the same. */
function comeBack(exchange: Exchange): Promise<void> {
  const refusal = apiError(503, 'too many answers wait for their clients to read them; try again')
  return writeJson(exchange, refusal, { 'retry-after': String(RETRY_AFTER_SECONDS) })
}

async function follow(options: FrontOptions, exchange: Exchange): Promise<void> {
  const headers = { ...securityHeaders, ...noStore }
  if (exchange.request.method === 'HEAD') {
    exchange.response.writeHead(200, { ...headers, 'content-type': 'text/event-stream' }).end()
    return
  }
  if (options.live.follow(exchange.response, headers)) return
  const refusal = apiError(503, 'too many pages follow this collector; close one')
  await writeJson(exchange, refusal, { 'retry-after': '30' })
}

function missing(pathname: string, page: Page): string {
  if (pathname === '/' && page.size === 0) return 'this build has no page; the API is at /api/v1'
  return `${pathname} is not known`
}

/** Absent for what is no path. Nothing is looked up by file name, so `..` leads nowhere. */
function urlOf({ url }: IncomingMessage): URL | undefined {
  const text = `http://collector.invalid${url ?? ''}`
  return url?.startsWith('/') && URL.canParse(text) ? new URL(text) : undefined
}
