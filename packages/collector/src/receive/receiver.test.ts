import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { send, sendRaw } from '../../fixtures/http.ts'
import {
  at,
  executionRequest,
  gzip,
  json,
  logsRequest,
  metricsRequest,
  oneExecution,
  oneExecutionJson,
  protobuf,
  protobufOf,
} from '../../fixtures/otlp.ts'
import { backend, start, until } from '../../fixtures/start.ts'

describe('an OTLP request', () => {
  test.each([
    ['/v1/traces', protobuf, oneExecution],
    ['/v1/traces', json, oneExecutionJson],
    ['/v1/traces', { ...protobuf, ...gzip }, gzipSync(oneExecution)],
    [
      '/v1/traces',
      { 'content-type': 'Application/JSON; charset=utf-8', ...gzip },
      gzipSync(oneExecutionJson),
    ],
    ['/v1/metrics', protobuf, protobufOf('Metrics', metricsRequest(3))],
    ['/v1/metrics', json, Buffer.from(JSON.stringify(metricsRequest(3)))],
    ['/v1/logs', protobuf, protobufOf('Logs', logsRequest(at.startUnixMs))],
    ['/v1/logs', json, Buffer.from(JSON.stringify(logsRequest(at.startUnixMs)))],
    ['/v1/traces', protobuf, Buffer.alloc(0)],
    ['/v1/traces', json, Buffer.from('{}')],
  ])(
    'to %s with %j is a success, and the backend gets the same bytes',
    async (to, headers, body) => {
      const downstream = await backend()
      const { url, collector } = await start({ forwardUrl: downstream.url })
      const answer = await send(url, to, { headers, body })
      expect(answer.status).toBe(200)
      const isJson = headers['content-type'].toLowerCase().startsWith('application/json')
      expect(answer.headers['content-type']).toBe(
        isJson ? json['content-type'] : protobuf['content-type'],
      )
      expect(answer.body.toString()).toBe(isJson ? '{}' : '')
      if (body.length === 0) return
      await downstream.arrived(1)
      expect(downstream.received[0]?.body.equals(body)).toBe(true)
      expect(downstream.received[0]).toMatchObject({ path: to, headers })
      expect(collector.health().problems).toEqual([])
    },
  )

  test.each<[string, string, string, Record<string, string>, Buffer | undefined, number]>([
    ['truncated protobuf', 'POST', '/v1/traces', protobuf, oneExecution.subarray(0, 100), 400],
    ['random bytes', 'POST', '/v1/logs', protobuf, Buffer.from('hello world'), 400],
    ['no JSON', 'POST', '/v1/traces', json, Buffer.from('{"resourceSpans":'), 400],
    ['JSON of another shape', 'POST', '/v1/traces', json, Buffer.from('[1,2]'), 400],
    [
      'JSON with a wrong member',
      'POST',
      '/v1/metrics',
      json,
      Buffer.from('{"resourceMetrics":7}'),
      400,
    ],
    ['no gzip', 'POST', '/v1/traces', { ...protobuf, ...gzip }, oneExecution, 400],
    ['another path', 'POST', '/v1/profiles', protobuf, oneExecution, 404],
    ['another method', 'GET', '/v1/traces', {}, undefined, 405],
    ['another method', 'PUT', '/v1/traces', json, oneExecutionJson, 405],
    ['a preflight', 'OPTIONS', '/v1/traces', {}, undefined, 405],
    [
      'another content type',
      'POST',
      '/v1/traces',
      { 'content-type': 'text/plain' },
      oneExecution,
      415,
    ],
    ['no content type', 'POST', '/v1/traces', {}, oneExecution, 415],
    [
      'another encoding',
      'POST',
      '/v1/traces',
      { ...json, 'content-encoding': 'zstd' },
      oneExecutionJson,
      415,
    ],
    ['a bomb', 'POST', '/v1/traces', { ...protobuf, ...gzip }, gzipSync(Buffer.alloc(3e6)), 413],
    ['JSON in deep levels', 'POST', '/v1/logs', json, Buffer.from('['.repeat(65)), 400],
    ['JSON of many values', 'POST', '/v1/metrics', json, Buffer.from('[],'.repeat(1e5)), 413],
    ['much JSON', 'POST', '/v1/traces', json, Buffer.from(`{"x":"${'y'.repeat(8e5)}"}`), 413],
    ['too much', 'POST', '/v1/traces', protobuf, Buffer.alloc(1.2e6), 413],
    ['far too much', 'POST', '/v1/traces', protobuf, Buffer.alloc(5e6), 413],
    [
      'a page of another site',
      'POST',
      '/v1/traces',
      { ...json, origin: 'http://evil.example' },
      oneExecutionJson,
      403,
    ],
  ])(
    '%s (%s %s) is refused, and the collector goes on',
    async (_name, method, to, headers, body, status) => {
      const { url, collector } = await start({
        maxBodyBytes: 1024 * 1024,
        maxJsonBodyBytes: 800_000,
      })
      const answer = await send(url, to, { method, headers, ...(body && { body }) })
      expect(answer.status).toBe(status)
      expect(answer.headers['content-type']).toBe(
        headers['content-type'] === protobuf['content-type']
          ? protobuf['content-type']
          : json['content-type'],
      )
      expect(answer.body.length).toBeGreaterThan(10)
      if (status === 405) expect(answer.headers.allow).toBe('POST')
      expect(collector.health().accounting.traces.accepted).toBe(0)
      expect(collector.health().problems).toEqual([])
      expect(
        (await send(url, '/v1/traces', { headers: protobuf, body: oneExecution })).status,
      ).toBe(200)
    },
  )

  test('that is a bomb is told so, and counted', async () => {
    const { url, collector } = await start()
    // Far below the bound of a body of 12 MiB.
    const body = gzipSync(Buffer.alloc(8e6))
    const answer = await send(url, '/v1/traces', { headers: { ...json, ...gzip }, body })
    expect(answer.status).toBe(413)
    expect(answer.json()).toEqual({
      code: 8,
      message: expect.stringContaining('becomes at most 100 times as large'),
    })
    expect(collector.health().requests.traces.too_large).toBe(1)
  })

  test('that cannot be read is told where', async () => {
    const { url } = await start()
    const broken = { resourceSpans: [{ scopeSpans: [{ spans: 'no' }] }] }
    const answer = await send(url, '/v1/traces', { headers: json, body: JSON.stringify(broken) })
    expect(answer.status).toBe(400)
    expect(answer.json()).toMatchObject({ code: 3, message: expect.stringContaining('spans') })
  })

  test('that is no JSON is told where, which not every message of the parser says', async () => {
    const { url } = await start()
    const answer = await send(url, '/v1/traces', { headers: json, body: '{"résourceSpans": x}' })
    const message = 'expected a JSON value, found "x}" at byte 19'
    expect(answer.json()).toMatchObject({ code: 3, message })
  })

  test('with a bad span keeps the others, says so, and is forwarded as it came', async () => {
    const downstream = await backend()
    const { url, collector } = await start({ forwardUrl: downstream.url })
    const request = executionRequest({ n: 1, ...at })
    const body = JSON.stringify(request).replace(/"traceId":"[0-9a-f]{32}"/, '"traceId":"xyz"')
    const answer = await send(url, '/v1/traces', { headers: json, body })
    expect(answer.status).toBe(200)
    expect(answer.json()).toEqual({
      partialSuccess: { rejectedSpans: '1', errorMessage: expect.stringContaining('spans[0]') },
    })
    await downstream.arrived(1)
    expect(downstream.received[0]?.body.toString()).toBe(body)
    expect(collector.health().accounting.traces).toMatchObject({ accepted: 2, invalid: 1 })
    expect(collector.health().losses.acceptedSpanCount).toBe(1)
  })

  test('of another tool may come under any host name', async () => {
    const { url } = await start()
    const headers = { ...protobuf, host: 'collector.monitoring.svc' }
    expect((await send(url, '/v1/traces', { headers, body: oneExecution })).status).toBe(200)
  })
})

describe('whatever arrives, the collector goes on', () => {
  const isUp = async (url: string) => (await send(url, '/health')).status === 200

  test('random and scrambled bodies get 200 or 400, never a fault', async () => {
    const { url, collector } = await start()
    const scrambled = fc
      .tuple(fc.constantFrom(oneExecution, oneExecutionJson), fc.nat(), fc.nat(255))
      .map(([body, place, value]) => {
        const copy = Buffer.from(body)
        copy[place % copy.length] = value
        return copy
      })
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      fc.json().map((text) => Buffer.from(text)),
      scrambled,
      fc.nat(oneExecution.length).map((length) => oneExecution.subarray(0, length)),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('/v1/traces', '/v1/metrics', '/v1/logs'),
        fc.constantFrom(protobuf, json),
        body,
        async (to, headers, bytes) => {
          const { status } = await send(url, to, { method: 'POST', headers, body: bytes })
          expect([200, 400]).toContain(status)
        },
      ),
      { numRuns: 300, seed: 7 },
    )
    expect(collector.health().problems).toEqual([])
  })

  test.each([
    ['a body shorter than promised', 'Content-Length: 1000\r\n\r\nshort', 'aborted'],
    ['a chunk that breaks off', 'Transfer-Encoding: chunked\r\n\r\nff\r\nhal', 'aborted'],
  ] as const)('%s is counted as aborted', async (_name, rest, outcome) => {
    const { url, collector } = await start()
    const head = `POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n`
    await sendRaw(url, head + rest, 'destroy')
    await until(() => collector.health().requests.traces[outcome] === 1)
    expect(await isUp(url)).toBe(true)
  })

  test.each([
    ['no HTTP', 'hello\r\n\r\n', 'HTTP/1.1 400'],
    [
      'a negative length',
      'POST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n',
      'HTTP/1.1 400',
    ],
    [
      'two lengths',
      'POST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      'HTTP/1.1 400',
    ],
    [
      'a request to two hosts',
      'GET /health HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n',
      'HTTP/1.1 400',
    ],
    [
      'a huge header',
      `GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(70_000)}\r\n\r\n`,
      'HTTP/1.1 431',
    ],
    [
      'a URL that is no path',
      'GET http://[ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
      'HTTP/1.1 400',
    ],
  ])('%s is refused', async (_name, text, statusLine) => {
    const { url } = await start()
    expect(await sendRaw(url, text)).toContain(statusLine)
    expect(await isUp(url)).toBe(true)
  })
})
