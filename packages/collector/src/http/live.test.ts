import { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import { FakeClock } from '../fake-clock.ts'
import { LiveStream, MAX_LIVE_CLIENTS } from './live.ts'

/** What `LiveStream` uses of a response; the socket behind it is the process boundary. */
class Client extends EventEmitter {
  text = ''
  isEnded = false
  writableLength = 0
  writeHead(): this {
    return this
  }
  write(text: string): boolean {
    this.text += text
    return true
  }
  end(): void {
    this.isEnded = true
  }
  destroy(): void {
    this.emit('close')
  }
}

function stream() {
  const clock = new FakeClock(0)
  let revision = 7
  const live = new LiveStream(clock, () => revision)
  const follow = () => {
    const client = new Client()
    // `Client` has all members of a response that `LiveStream` touches.
    return { client, isTaken: live.follow(client as unknown as ServerResponse, {}) }
  }
  return { clock, live, follow, change: () => revision++ }
}

test('a client is told the revision at once, and then at most once a second when it changed', async () => {
  const { clock, follow, change } = stream()
  const { client } = follow()
  expect(client.text).toContain('event: revision\ndata: {"revision":7,"nowUnixMs":0}\n\n')
  await clock.advance(1_000)
  client.text = ''
  for (let times = 0; times < 5; times++) change()
  await clock.advance(3_000)
  expect(client.text).toBe('event: revision\ndata: {"revision":12,"nowUnixMs":2000}\n\n')
})

test('a quiet stream carries heartbeats', async () => {
  const { clock, follow } = stream()
  const { client } = follow()
  await clock.advance(1_000)
  client.text = ''
  await clock.advance(30_000)
  expect(client.text).toBe(': still here\n\n'.repeat(2))
})

test('there is a bound, and a client that leaves makes room', () => {
  const { follow } = stream()
  const clients = Array.from({ length: MAX_LIVE_CLIENTS }, follow)
  expect(clients.every(({ isTaken }) => isTaken)).toBe(true)
  expect(follow().isTaken).toBe(false)
  clients[0]?.client.emit('close')
  expect(follow().isTaken).toBe(true)
})

test('a client that does not read is let go and counted', async () => {
  const { clock, follow, live } = stream()
  const { client } = follow()
  client.writableLength = 1e6
  await clock.advance(15_000)
  expect([live.clientCount, live.lostCount]).toEqual([0, 1])
})

test('closing ends every stream and every timer', () => {
  const { clock, follow, live } = stream()
  const { client } = follow()
  live.close()
  expect(client.isEnded).toBe(true)
  expect(clock.timerCount).toBe(0)
})
