import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import type { Answers } from './answers.ts'

/** The policy the page has to live with. */
const csp = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** Serves the built page with prepared answers, and can go away and come back on the same port. */
export class StandInCollector {
  readonly #pageFolder: string
  readonly #streams: Set<ServerResponse> = new Set()
  #server: Server | undefined
  #answers: Answers
  #revision = 0
  #port = 0
  /** Paths that were posted to. */
  readonly posted: string[] = []

  constructor(pageFolder: string, answers: Answers) {
    this.#pageFolder = pageFolder
    this.#answers = answers
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  async start(): Promise<void> {
    const server = createServer((request, response) => {
      this.#serve(request, response).catch((error: unknown) => {
        response.writeHead(500).end(String(error))
      })
    })
    this.#server = server
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(this.#port, '127.0.0.1', resolve)
    })
    // A server that listens on a port has an AddressInfo.
    this.#port = (server.address() as AddressInfo).port
  }

  async stop(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    this.#streams.clear()
    server?.closeAllConnections()
    await new Promise((resolve) => (server === undefined ? resolve(0) : server.close(resolve)))
  }

  /** The world changes, and the page is told. */
  answer(answers: Answers): void {
    this.#answers = answers
    this.#revision += 1
    for (const stream of this.#streams) this.#tell(stream)
  }

  #tell(stream: ServerResponse): void {
    const data = JSON.stringify({ revision: this.#revision, nowUnixMs: Date.now() })
    stream.write(`event: revision\ndata: ${data}\n\n`)
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.origin)
    response.setHeader('content-security-policy', csp)
    response.setHeader('x-content-type-options', 'nosniff')
    if (request.method === 'POST') {
      this.posted.push(`${url.pathname}${url.search}`)
      json(response, { alert: this.#answers.report.alerts[0] })
    } else if (url.pathname === '/health') json(response, { status: 'ok' })
    else if (url.pathname === '/api/v1/live') this.#stream(response)
    else if (url.pathname.startsWith('/api/v1/')) json(response, this.#answerTo(url))
    else await this.#servePage(url.pathname, response)
  }

  #stream(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    this.#streams.add(response)
    response.on('close', () => this.#streams.delete(response))
    this.#tell(response)
  }

  #answerTo(url: URL): Answered {
    const { report, executions, execution, why } = this.#answers
    const id = decodeURIComponent(url.pathname.split('/')[4] ?? '')
    if (id !== '') return member('execution', own(execution, id))
    if (url.pathname === '/api/v1/report') return { report }
    if (url.pathname === '/api/v1/executions') {
      const flowId = url.searchParams.get('flow')
      return { executions: executions.filter((each) => [null, each.flowId].includes(flowId)) }
    }
    const asked = url.searchParams.get('execution') ?? url.searchParams.get('flow') ?? ''
    return member('answer', own(why, asked))
  }

  async #servePage(pathname: string, response: ServerResponse): Promise<void> {
    const name = normalize(pathname === '/' ? '/index.html' : pathname)
    const body = await readFile(join(this.#pageFolder, name)).catch(() => undefined)
    if (body === undefined) {
      response.writeHead(404).end()
      return
    }
    const type = contentTypes[extname(name)] ?? 'application/octet-stream'
    response.writeHead(200, { 'content-type': type }).end(body)
  }
}

/** An id may be the name of something that every object has. */
function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}

/** Undefined: there is no such thing. */
type Answered = Record<string, unknown> | undefined

function member(name: string, value: unknown): Answered {
  return value === undefined ? undefined : { [name]: value }
}

function json(response: ServerResponse, answer: Answered): void {
  response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ schemaVersion: 1, ...(answer ?? { error: 'not found' }) }))
}
