import http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Clock } from '../clock.ts'
import { type ConnectionCounts, Connections, type Handle, MAX_CONNECTIONS } from './connections.ts'

/** Somebody else listens on the port. */
export class PortInUseError extends Error {
  override readonly name = 'PortInUseError'
  readonly host: string
  readonly port: number

  constructor(host: string, port: number) {
    super(`${host}:${port}: expected a free port, found one in use`)
    this.host = host
    this.port = port
  }
}

/** The address cannot be listened on for another reason: not ours, not allowed, not resolved. */
export class ListenError extends Error {
  override readonly name = 'ListenError'

  constructor(host: string, port: number, cause: Error) {
    super(`${host}:${port}: expected an address to listen on, found: ${cause.message}`, { cause })
  }
}

/** Times and counts that keep slow or idle clients from holding the server. */
const HEADERS_TIMEOUT_MS = 10_000
const REQUEST_TIMEOUT_MS = 60_000
const IDLE_SOCKET_MS = 120_000
const KEEP_ALIVE_MS = 60_000
const CHECK_INTERVAL_MS = 2_000
/** How long a client may take to read why it was refused; then its connection is closed, whatever it does. */
const LINGER_MS = 1_000

export interface ServerCounts extends ConnectionCounts {
  /** Requests that were no HTTP, or too slow. */
  readonly brokenCount: number
  /** Connections beyond the bound. */
  readonly droppedCount: number
}

/** As long as nothing listens. */
export const NO_CONNECTIONS: ServerCounts = {
  openCount: 0,
  idleClosedCount: 0,
  floodedCount: 0,
  brokenCount: 0,
  droppedCount: 0,
}

export interface ListeningServer {
  readonly port: number
  readonly counts: () => ServerCounts
  /** Takes no more connections and lets open requests end, at most for `timeoutMs`. */
  close(timeoutMs: number): Promise<void>
}

/** Listens, or throws `PortInUseError` or `ListenError`. */
export async function listen(
  address: { host: string; port: number },
  options: { readonly handle: Handle; readonly clock: Clock },
): Promise<ListeningServer> {
  const counts = { brokenCount: 0, droppedCount: 0 }
  const connections = new Connections((request, response) => {
    if (!isAmbiguous(request)) return options.handle(request, response)
    counts.brokenCount += 1
    response.writeHead(400, { connection: 'close' }).end()
  })
  const server = http.createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: CHECK_INTERVAL_MS,
    },
    (request, response) => connections.take(request, response),
  )
  server.timeout = IDLE_SOCKET_MS
  server.maxConnections = MAX_CONNECTIONS
  server.on('connection', (socket) => connections.add(socket))
  server.on('drop', () => {
    counts.droppedCount += 1
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    counts.brokenCount += 1
    if (!socket.writable || error.code === 'ECONNRESET') socket.destroy()
    else refuse(socket, statusLine(error.code), options.clock)
  })
  await started(server, address)
  // A TCP server that listens has an address with a port.
  const { port } = server.address() as AddressInfo
  return {
    port,
    counts: () => ({ ...counts, ...connections.counts }),
    close: (timeoutMs) => closed(server, timeoutMs),
  }
}

/** Ending our side is not enough: the client may never end its own, and Node no longer times it. */
function refuse(socket: Duplex, status: string, clock: Clock): void {
  const timer = clock.after(LINGER_MS, () => socket.destroy())
  socket.once('close', () => timer.cancel())
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`)
}

/** Of two `Host` headers a proxy in front may have judged the other. Source: RFC 9112, section 3.2. */
function isAmbiguous({ headersDistinct }: http.IncomingMessage): boolean {
  return (headersDistinct['host']?.length ?? 0) > 1
}

function statusLine(code: string | undefined): string {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return '408 Request Timeout'
  if (code === 'HPE_HEADER_OVERFLOW') return '431 Request Header Fields Too Large'
  return '400 Bad Request'
}

function started(server: http.Server, { host, port }: { host: string; port: number }) {
  return new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const isInUse = error.code === 'EADDRINUSE'
      reject(isInUse ? new PortInUseError(host, port) : new ListenError(host, port, error))
    })
    server.listen(port, host.replace(/^\[|\]$/g, ''), () => {
      server.removeAllListeners('error')
      resolve()
    })
  })
}

function closed(server: http.Server, timeoutMs: number): Promise<void> {
  return new Promise((resolve) => {
    // A real timer: what is bounded here is a socket, not a decision.
    const timer = setTimeout(() => server.closeAllConnections(), timeoutMs)
    server.close(() => {
      clearTimeout(timer)
      resolve()
    })
    server.closeIdleConnections()
  })
}
