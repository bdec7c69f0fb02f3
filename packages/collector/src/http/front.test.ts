import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { listenTo, send } from '../../fixtures/http.ts'
import {
  executionIdOf,
  executionRequest,
  json,
  logsRequest,
  oneExecution,
  protobuf,
  protobufOf,
} from '../../fixtures/otlp.ts'
import { closeLater, start, until } from '../../fixtures/start.ts'
import { unixMsOf } from '../clock.ts'

describe('questions', () => {
  test('are answered from what was received', async () => {
    const { url, clock } = await start()
    const startUnixMs = unixMsOf(clock)
    const body = protobufOf('Traces', executionRequest({ n: 1, startUnixMs, workMs: 50 }))
    await send(url, '/v1/traces', { headers: protobuf, body })
    await clock.advance(120_000)
    const ask = async (question: string) => (await send(url, question)).json()
    expect(await ask('/api/v1/executions?flow=pay&limit=5')).toMatchObject({
      schemaVersion: 1,
      executions: [{ executionId: executionIdOf(1), flowId: 'pay', durationMs: 50 }],
    })
    expect(await ask('/api/v1/executions?flow=other')).toMatchObject({ executions: [] })
    expect(await ask('/api/v1/report')).toMatchObject({ report: { flows: [{ flowId: 'pay' }] } })
    expect(await ask('/api/v1/alerts')).toMatchObject({
      schemaVersion: 1,
      alerts: [],
      calibrations: [],
    })
    expect(await ask('/api/v1/findings')).toMatchObject({ findings: expect.any(Array) })
    expect(await ask(`/api/v1/executions/${executionIdOf(1)}`)).toMatchObject({
      execution: { execution: { executionId: executionIdOf(1) } },
    })
    expect(await ask(`/api/v1/why?execution=${executionIdOf(1)}`)).toMatchObject({
      answer: { about: 'execution', id: executionIdOf(1) },
    })
    expect(await ask('/api/v1/why?flow=pay')).toMatchObject({ answer: { about: 'flow' } })
  })

  test('a running execution is visible before it ends', async () => {
    const { url, clock } = await start()
    const body = JSON.stringify(logsRequest(unixMsOf(clock)))
    await send(url, '/v1/logs', { headers: json, body })
    const answer = await send(url, '/api/v1/executions')
    expect(answer.json()).toMatchObject({ executions: [{ executionId: 'exec_running' }] })
  })

  test.each([
    ['/api/v1/executions/unknown', 404, 'execution unknown is not known'],
    ['/api/v1/executions/%zz', 400, 'broken escape'],
    ['/api/v1/executions?limit=many', 400, 'limit: expected a whole number'],
    ['/api/v1/executions?limit=0', 400, 'limit: expected a whole number from 1 to 1000'],
    ['/api/v1/executions?limit=1001', 400, 'from 1 to 1000, found "1001"'],
    [`/api/v1/executions?limit=${'9'.repeat(20)}`, 400, 'limit: expected a whole number'],
    ['/api/v1/executions?flwo=pay', 400, 'no parameter but flow and limit, found "flwo"'],
    ['/api/v1/report?limit=5', 400, 'expected no parameter, found "limit"'],
    ['/api/v1/executions/unknown?flow=pay', 400, 'expected no parameter, found "flow"'],
    ['/api/v1/why', 400, 'expected one of'],
    ['/api/v1/why?flow=a&execution=b', 400, 'expected one of'],
    ['/api/v1/why?flow=unknown', 404, 'flow unknown is not known'],
    ['/api/v2/report', 404, 'not known'],
    ['/../../../../etc/passwd', 404, 'not known'],
    ['/assets/..%2f..%2fpackage.json', 404, 'not known'],
    ['//evil.example/', 404, 'not known'],
  ])('%s is refused with %i', async (question, status, words) => {
    const { url } = await start()
    const answer = await send(url, question)
    expect(answer.status).toBe(status)
    expect(answer.json()).toMatchObject({
      schemaVersion: 1,
      error: { message: expect.stringContaining(words) },
    })
  })

  test.each(['/api/v1/report', '/health', '/metrics', '/', '/api/v1/live'])(
    '%s is answered under our own names only, and to GET only',
    async (question) => {
      const { url } = await start()
      const foreign = await send(url, question, { headers: { host: 'evil.example' } })
      expect(foreign.status).toBe(403)
      expect(foreign.headers['content-security-policy']).toContain("default-src 'self'")
      const page = await send(url, question, { headers: { origin: 'http://evil.example' } })
      expect(page.status).toBe(403)
      const posted = await send(url, question, { body: 'x' })
      expect([posted.status, posted.headers.allow]).toEqual([405, 'GET, HEAD'])
      expect((await send(url, question, { method: 'HEAD' })).body).toHaveLength(0)
    },
  )
})

describe('the live stream', () => {
  test('tells that something is new', async () => {
    const { url, clock } = await start()
    const events = listenTo(url, '/api/v1/live', (text) => /"revision":[1-9]/.test(text))
    await send(url, '/v1/traces', { headers: protobuf, body: oneExecution })
    let text: string | undefined
    void events.then((all) => {
      text = all
    })
    await until(
      () => text !== undefined,
      () => clock.advance(1_000),
    )
    expect(text).toMatch(/event: revision\ndata: \{"revision":[1-9],"nowUnixMs":\d+\}/)
  })

  test('ends when the collector closes', async () => {
    const { url, collector } = await start()
    const events = listenTo(url, '/api/v1/live', () => false)
    await until(() => collector.health().live.clientCount === 1)
    await collector.close()
    expect(await events).toContain('event: revision')
  })
})

describe('the page', () => {
  const pageDirectory = () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'qflow-otel-page-'))
    closeLater({ close: async () => rmSync(directory, { recursive: true, force: true }) })
    mkdirSync(path.join(directory, 'assets'))
    writeFileSync(path.join(directory, 'index.html'), '<!doctype html>')
    writeFileSync(path.join(directory, 'assets', 'index-1a2b.js'), 'export {}')
    return directory
  }

  test('is served from memory, with its type and under a strict policy', async () => {
    const { url } = await start({ pageDirectory: pageDirectory() })
    const index = await send(url, '/')
    expect(index.body.toString()).toBe('<!doctype html>')
    expect(index.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    })
    const script = await send(url, '/assets/index-1a2b.js')
    expect(script.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
    })
    const again = await send(url, '/', { headers: { 'if-none-match': index.headers.etag ?? '' } })
    expect([again.status, again.body.length]).toEqual([304, 0])
  })

  test.each([
    '/../index.html/..',
    '/assets/../../secret',
    '/assets/%2e%2e/%2e%2e/secret',
    '/assets/',
  ])('%s is not in it', async (outside) => {
    const { url } = await start({ pageDirectory: pageDirectory() })
    expect((await send(url, outside)).body.toString()).not.toContain('root')
    expect([200, 404]).toContain((await send(url, outside)).status)
  })

  test('that was not built is said', async () => {
    const { url } = await start({ pageDirectory: '/nowhere' })
    expect((await send(url, '/')).json()).toMatchObject({
      error: { message: 'this build has no page; the API is at /api/v1' },
    })
  })
})
