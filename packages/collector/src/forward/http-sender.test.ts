import net, { type AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { backend, closeLater, until } from '../../fixtures/start.ts'
import { FakeClock } from '../fake-clock.ts'
import { createHttpSender } from './http-sender.ts'
import type { Parcel } from './parcel.ts'

const parcel: Parcel = {
  signal: 'traces',
  path: '/v1/traces',
  contentType: 'application/x-protobuf',
  contentEncoding: 'gzip',
  body: Buffer.from([1, 2, 3]),
  itemCount: 1,
}

function sender(baseUrl: string) {
  const clock = new FakeClock(Date.parse('2026-10-21T07:28:00Z'))
  const headers = { authorization: 'Bearer a', 'Content-Type': 'text/plain' }
  const { send, close } = createHttpSender({ baseUrl, headers, timeoutMs: 1_000, clock })
  closeLater({ close: async () => close() })
  return { clock, send: (signal = new AbortController().signal) => send(parcel, signal) }
}

/** A server that does with each connection what the test says. */
async function rawServer(onConnection: (socket: net.Socket) => void): Promise<string> {
  const sockets: net.Socket[] = []
  const server = net.createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
    onConnection(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closeLater({
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  })
  // A TCP server that listens has an address with a port.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('the bytes go on as they came, under the path of the base URL', async () => {
  const downstream = await backend()
  const outcome = await sender(`${downstream.url}/tenant/`).send()
  expect(outcome).toEqual({ kind: 'delivered', refusedCount: 0 })
  expect(downstream.received[0]).toMatchObject({
    path: '/tenant/v1/traces',
    body: parcel.body,
    headers: {
      authorization: 'Bearer a',
      'content-type': 'application/x-protobuf',
      'content-encoding': 'gzip',
      'content-length': '3',
    },
  })
})

test.each([
  [202, {}, { kind: 'delivered' }],
  [429, {}, { kind: 'retry', retryAfterMs: undefined }],
  [502, {}, { kind: 'retry' }],
  [503, { 'retry-after': '7' }, { kind: 'retry', retryAfterMs: 7_000 }],
  [504, { 'retry-after': 'Wed, 21 Oct 2026 07:28:09 GMT' }, { retryAfterMs: 9_000 }],
  [400, {}, { kind: 'refused', reason: 'the backend answered 400' }],
  [401, {}, { kind: 'refused' }],
  [500, {}, { kind: 'refused' }],
  [301, { location: '/elsewhere' }, { kind: 'refused' }],
])('status %i with %j', async (status, headers, expected) => {
  const downstream = await backend()
  downstream.answers.push({ status, headers: headers as Record<string, string> })
  expect(await sender(downstream.url).send()).toMatchObject(expected)
})

test('nobody there is a reason to try again', async () => {
  const reason = expect.stringContaining('ECONNREFUSED')
  expect(await sender('http://127.0.0.1:9').send()).toMatchObject({ kind: 'retry', reason })
})

test('an answer that breaks off is a reason to try again', async () => {
  const url = await rawServer((socket) =>
    socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhal')),
  )
  expect(await sender(url).send()).toMatchObject({ kind: 'retry' })
})

test('no answer in time is a reason to try again', async () => {
  let isConnected = false
  const url = await rawServer(() => {
    isConnected = true
  })
  const { send, clock } = sender(url)
  const outcome = send()
  await until(() => isConnected)
  await clock.advance(1_000)
  expect(await outcome).toMatchObject({ kind: 'retry', reason: 'no answer within 1000 ms' })
  expect(clock.timerCount).toBe(0)
})

test('an attempt can be called off', async () => {
  const abort = new AbortController()
  const url = await rawServer(() => abort.abort())
  expect(await sender(url).send(abort.signal)).toMatchObject({ kind: 'retry' })
})
