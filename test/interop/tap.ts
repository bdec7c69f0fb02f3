import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One OTLP request as it went over the wire, still compressed if it came so. */
export interface TappedRequest {
  /** `traces`, `metrics` or `logs`. */
  readonly signal: string
  readonly contentType: string
  readonly contentEncoding: string
  readonly body: Buffer
  readonly status: number
}

export interface Tap {
  readonly port: number
  /** What was passed on and answered, in order. */
  readonly requests: readonly TappedRequest[]
  stop(): Promise<void>
}

/** Hop-by-hop headers belong to one connection, not to the message. Source: RFC 9110 section 7.6.1. */
const OF_CONNECTION = ['connection', 'keep-alive', 'transfer-encoding', 'host', 'content-length']

/** Stands between two programs, passes every request on as it is, and keeps what it saw. */
export async function startTap(targetPort: number): Promise<Tap> {
  const requests: TappedRequest[] = []
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request)
    const headers = Object.entries(request.headers).flatMap(([name, value]) =>
      typeof value === 'string' && !OF_CONNECTION.includes(name) ? [[name, value]] : [],
    )
    const url = `http://127.0.0.1:${targetPort}${request.url}`
    const answer = await fetch(url, { method: 'POST', headers, body: new Uint8Array(body) })
    const content = Buffer.from(await answer.arrayBuffer())
    requests.push({
      signal: request.url?.replace('/v1/', '') ?? '',
      contentType: request.headers['content-type'] ?? '',
      contentEncoding: request.headers['content-encoding'] ?? 'identity',
      body,
      status: answer.status,
    })
    const contentType = answer.headers.get('content-type') ?? 'application/json'
    response.writeHead(answer.status, { 'content-type': contentType }).end(content)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A server on TCP has an address of this form.
  const { port } = server.address() as AddressInfo
  return {
    port,
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  // Without `setEncoding` a stream of a socket yields buffers.
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
