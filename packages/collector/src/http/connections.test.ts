import { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import net, { type Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { send } from '../../fixtures/http.ts'
import { closeLater, start, until } from '../../fixtures/start.ts'
import {
  Connections,
  CROWDED_CONNECTIONS,
  MAX_CONNECTIONS,
  MAX_WAITING_REQUESTS,
} from './connections.ts'

/** What `Connections` uses of a socket, which is the process boundary. */
class Line extends EventEmitter {
  writable = true
  destroy(): void {
    if (!this.writable) return
    this.writable = false
    this.emit('close')
  }
}

function connections() {
  const handled: { line: Line; answered: () => void }[] = []
  const made = new Connections((request, response) => {
    // The test gave it its socket.
    const line = request.socket as unknown as Line
    handled.push({ line, answered: () => response.emit('close') })
  })
  return {
    handled,
    counts: () => made.counts,
    connect: () => {
      const line = new Line()
      // `Line`, here and below, has all that `Connections` touches; a request is no more than its socket.
      made.add(line as unknown as Socket)
      return line
    },
    ask: (line: Line) =>
      made.take(
        { socket: line } as unknown as IncomingMessage,
        new EventEmitter() as unknown as ServerResponse,
      ),
  }
}

describe('turns', () => {
  test('a request is handled when the answer before it has left', () => {
    const { handled, connect, ask } = connections()
    const line = connect()
    for (let n = 0; n < 3; n++) ask(line)
    expect(handled).toHaveLength(1)
    handled[0]?.answered()
    expect(handled).toHaveLength(2)
    handled[1]?.answered()
    handled[2]?.answered()
    ask(line)
    expect(handled).toHaveLength(4)
  })

  test('another connection does not wait', () => {
    const { handled, connect, ask } = connections()
    ask(connect())
    ask(connect())
    expect(handled).toHaveLength(2)
  })

  test('who sends too much ahead is let go and counted once, and nothing of it is handled', () => {
    const { handled, counts, connect, ask } = connections()
    const line = connect()
    for (let n = 0; n < MAX_WAITING_REQUESTS + 1; n++) ask(line)
    expect(line.writable).toBe(true)
    for (let n = 0; n < 10; n++) ask(line)
    handled[0]?.answered()
    expect(line.writable).toBe(false)
    expect(handled).toHaveLength(1)
    expect(counts()).toMatchObject({ floodedCount: 1, openCount: 0 })
  })

  test('what waits on a connection that goes is not handled', () => {
    const { handled, connect, ask } = connections()
    const line = connect()
    ask(line)
    ask(line)
    line.destroy()
    handled[0]?.answered()
    expect(handled).toHaveLength(1)
  })
})

describe('a crowd', () => {
  test('lets go who is idle longest for each that comes, and nobody who is answered', () => {
    const { handled, counts, connect, ask } = connections()
    const lines = Array.from({ length: CROWDED_CONNECTIONS }, connect)
    const [busy, oldest, older] = lines as [Line, Line, Line]
    ask(busy)
    ask(oldest)
    handled[1]?.answered()
    expect(counts().idleClosedCount).toBe(0)
    connect()
    expect([busy, older, oldest].map(({ writable }) => writable)).toEqual([true, false, true])
    expect(counts()).toMatchObject({ idleClosedCount: 1, openCount: CROWDED_CONNECTIONS })
  })

  test('of connections that are all answered keeps them', () => {
    const { counts, connect, ask } = connections()
    for (let n = 0; n <= CROWDED_CONNECTIONS; n++) ask(connect())
    expect(counts()).toMatchObject({ idleClosedCount: 0, openCount: CROWDED_CONNECTIONS + 1 })
  })
})

/** A client that sends `text` and never closes its side, whatever it is told. */
function deaf(url: string, text: string) {
  const socket = net.connect({ port: Number(new URL(url).port), allowHalfOpen: true })
  socket.on('error', () => {})
  closeLater({ close: async () => void socket.destroy() })
  let received = ''
  socket.on('data', (chunk) => {
    received += chunk
  })
  socket.write(text)
  return { socket, received: () => received }
}

describe('a collector', () => {
  test('closes a refused connection soon, though its client never does', async () => {
    const { url, clock, collector } = await start()
    const client = deaf(url, 'this is no HTTP\r\n\r\n')
    await until(() => client.socket.readableEnded)
    expect(client.received()).toContain('400 Bad Request')
    expect(collector.health().connections).toMatchObject({ openCount: 1, brokenCount: 1 })
    await clock.advance(1_000)
    await until(() => collector.health().connections.openCount === 0)
  })

  test('answers who comes while more connections than it takes say nothing', async () => {
    const { url, collector } = await start()
    const counts = () => collector.health().connections
    for (let n = 1; n <= MAX_CONNECTIONS + 1; n++) {
      deaf(url, 'GET /health HTTP/1.1\r\n')
      // One by one, because the system has a bound of its own for those that come at once.
      await until(() => counts().openCount + counts().idleClosedCount === n)
    }
    expect((await send(url, '/health')).status).toBe(200)
    expect(counts()).toMatchObject({ droppedCount: 0 })
    expect(counts().openCount).toBeLessThanOrEqual(CROWDED_CONNECTIONS + 1)
  })

  test('answers requests that were sent ahead in their order', async () => {
    const { url } = await start()
    const paths = ['/health', '/api/v1/alerts', '/nothing', '/api/v1/findings']
    const asked = paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`).join('')
    const client = deaf(url, asked)
    await until(() => client.received().includes('"findings":'))
    const words = ['"uptimeMs":', '"calibrations":', '/nothing is not known', '"findings":']
    const places = words.map((word) => client.received().indexOf(word))
    expect(places).toEqual([...places].sort((left, right) => left - right))
    expect(Math.min(...places)).toBeGreaterThan(0)
  })
})
