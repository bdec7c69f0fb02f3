import { EventEmitter } from 'node:events'
import http, { type ServerResponse } from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { createAnalyzer } from '@qflow-otel/analyzer'
import { describe, expect, test } from 'vitest'
import { send } from '../../fixtures/http.ts'
import { closeLater, start, until } from '../../fixtures/start.ts'
import { FakeClock } from '../fake-clock.ts'
import { createFront, type FrontOptions } from './front.ts'
import { UNREAD_GRACE_MS, UnreadAnswers } from './unread-answers.ts'

/** What `UnreadAnswers` uses of a response; the socket behind it is the process boundary. */
class Answer extends EventEmitter {
  destroyed = false
  destroy(): void {
    this.destroyed = true
    this.emit('close')
  }
}

function unreadAnswers(maxBytes: number) {
  const clock = new FakeClock()
  const unread = new UnreadAnswers(clock, maxBytes)
  const add = (bytes: number) => {
    const answer = new Answer()
    // `Answer` has all that `UnreadAnswers` touches.
    unread.add(answer as unknown as ServerResponse, bytes)
    return answer
  }
  return { clock, unread, add }
}

describe('unread answers', () => {
  test('are admitted up to the bound, and again when one was read', () => {
    const { unread, add } = unreadAnswers(100)
    const first = add(60)
    expect(unread.admits()).toBe(true)
    add(60)
    expect(unread.admits()).toBe(false)
    expect(unread.state).toEqual({ unreadBytes: 120, refusedCount: 1, closedCount: 0 })
    first.emit('close')
    expect(unread.state.unreadBytes).toBe(60)
    expect(unread.admits()).toBe(true)
  })

  test('go when their time is over and others wait: the oldest, and no more than it takes', async () => {
    const { clock, unread, add } = unreadAnswers(100)
    const old = [add(60), add(60)]
    await clock.advance(UNREAD_GRACE_MS)
    expect(unread.admits()).toBe(true)
    expect(old.map(({ destroyed }) => destroyed)).toEqual([true, false])
    const young = add(60)
    await clock.advance(UNREAD_GRACE_MS - 1)
    expect(unread.admits()).toBe(true)
    add(60)
    expect(unread.admits()).toBe(false)
    expect([old[1]?.destroyed, young.destroyed]).toEqual([true, false])
    expect(unread.state).toEqual({ unreadBytes: 120, refusedCount: 1, closedCount: 2 })
  })

  test('stay as long as nobody needs their room', async () => {
    const { clock, unread, add } = unreadAnswers(100)
    const answer = add(60)
    await clock.advance(10 * UNREAD_GRACE_MS)
    expect(unread.admits()).toBe(true)
    expect(answer.destroyed).toBe(false)
  })

  test('of clients that are gone do not count', () => {
    const { unread, add } = unreadAnswers(100)
    const answer = add(60)
    answer.destroy()
    // `Answer` has all that `UnreadAnswers` touches.
    unread.add(answer as unknown as ServerResponse, 60)
    expect(unread.state.unreadBytes).toBe(0)
  })
})

/** The front with a bound of one byte: a single answer that is not read fills it. */
async function narrowFront() {
  const { clock, unread } = unreadAnswers(1)
  const front = createFront({
    hostRule: { host: '127.0.0.1', allowedHosts: [] },
    analyzer: createAnalyzer({}),
    page: new Map(),
    health: () => unread.state,
    metrics: async () => '',
    onFault: (error: unknown) => expect.unreachable(String(error)),
    unread,
    // Questions touch nothing else of it.
  } as unknown as FrontOptions)
  const server = http.createServer(front)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closeLater({
    close: async () => {
      server.closeAllConnections()
      server.close()
    },
  })
  // A TCP server that listens has an address with a port.
  const { port } = server.address() as AddressInfo
  return { clock, unread, url: `http://127.0.0.1:${port}` }
}

describe('the front', () => {
  test('answers no more questions until what was made is read or its time is over', async () => {
    const { clock, unread, url } = await narrowFront()
    const slow = net.connect(Number(new URL(url).port), '127.0.0.1')
    const closed = new Promise((resolve) => slow.on('close', resolve))
    // Its answer is made, and waits for a byte that does not come.
    slow.write('GET /api/v1/report HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\n')
    slow.resume()
    await until(() => unread.state.unreadBytes > 0)
    for (const question of ['/api/v1/report', '/api/v1/executions', '/metrics']) {
      const refused = await send(url, question)
      expect([refused.status, refused.headers['retry-after']]).toEqual([503, '5'])
    }
    expect((await send(url, '/health')).json()).toMatchObject({ refusedCount: 3 })
    await clock.advance(UNREAD_GRACE_MS)
    expect((await send(url, '/api/v1/report')).status).toBe(200)
    await closed
    await until(() => unread.state.unreadBytes === 0)
    expect(unread.state.closedCount).toBe(1)
  })
})

test('what was read is not counted, and /health tells the rest', async () => {
  const { url, collector } = await start()
  await send(url, '/api/v1/report')
  await until(() => collector.health().answers.unreadBytes === 0)
  expect((await send(url, '/health')).json()).toMatchObject({
    answers: { unreadBytes: 0, refusedCount: 0, closedCount: 0 },
  })
})
