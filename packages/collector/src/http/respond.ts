import type { IncomingMessage, ServerResponse } from 'node:http'
import type { OtlpAnswer } from '../receive/answer.ts'
import { discardBody } from '../receive/body.ts'
import type { PageFile } from './page.ts'
import type { UnreadAnswers } from './unread-answers.ts'

/** A request, the response to write, and where it counts until it is read. */
export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly unread: UnreadAnswers
}

export const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
}

export const noStore: Readonly<Record<string, string>> = { 'cache-control': 'no-store' }

/** What is thrown away of a body nobody wants, so that its sender lives to read the answer. */
const MAX_DISCARDED_BYTES = 1024 * 1024

export async function writeOtlp(exchange: Exchange, answer: OtlpAnswer): Promise<void> {
  const { 'content-type': contentType = 'text/plain', ...headers } = answer.headers
  await write(exchange, { status: answer.status, contentType, headers, body: answer.body })
}

export async function writeJson(
  exchange: Exchange,
  answer: { readonly status: number; readonly body: unknown },
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  await write(exchange, {
    status: answer.status,
    contentType: 'application/json; charset=utf-8',
    headers: { ...noStore, ...headers },
    body: Buffer.from(JSON.stringify(answer.body)),
  })
}

export async function writeFile(exchange: Exchange, file: PageFile): Promise<void> {
  const headers = {
    etag: file.etag,
    'cache-control': file.isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache',
  }
  if (exchange.request.headers['if-none-match'] === file.etag) {
    exchange.response.writeHead(304, { ...securityHeaders, ...headers }).end()
    return
  }
  const { contentType, body } = file
  await write(exchange, { status: 200, contentType, headers, body })
}

export async function write(
  { request, response, unread }: Exchange,
  answer: {
    readonly status: number
    readonly contentType: string
    readonly headers: Readonly<Record<string, string>>
    readonly body: Buffer
  },
): Promise<void> {
  // At once, because it is made: what waits for the rest of a request waits in memory.
  unread.add(response, answer.body.length)
  await discardBody(request, MAX_DISCARDED_BYTES)
  response.writeHead(answer.status, {
    ...securityHeaders,
    ...answer.headers,
    // A body that was not read to its end would be taken for the next request.
    ...(!request.complete && { connection: 'close' }),
    'content-type': answer.contentType,
    'content-length': String(answer.body.length),
  })
  response.end(request.method === 'HEAD' ? undefined : answer.body)
}
