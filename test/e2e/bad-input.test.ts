import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { send } from '../../packages/collector/fixtures/http.ts'
import {
  at,
  executionIdOf,
  executionRequest,
  gzip,
  json,
  metricsRequest,
  protobuf,
  protobufOf,
} from '../../packages/collector/fixtures/otlp.ts'
import { ask, type CollectorProcess, startCollectorProcess } from '../process/cli.ts'
import { until } from '../process/waiting.ts'

const MAX_BODY_BYTES = 1_000_000

let collector: CollectorProcess
beforeAll(async () => {
  collector = await startCollectorProcess('--max-body-bytes', String(MAX_BODY_BYTES))
})
afterAll(() => collector?.stop())

const good = executionRequest({ n: 1, ...at })
const protobufBody = protobufOf('Traces', good)
const jsonBody = Buffer.from(JSON.stringify(good))

/** Below the bound of bytes, and made to be slow. */
const denseJson = Buffer.from(`{"resourceSpans":[${'{},'.repeat(250_000)}{}]}`)

/** Nothing but a length: a field that claims 2 GB. */
const boastful = Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x07])
/** Group within group within group: deep enough to break a reader that calls itself. */
const deepJson = Buffer.from(`{"resourceSpans":${'['.repeat(100_000)}${']'.repeat(100_000)}}`)
/** The same where nobody would look. */
const deeperJson = Buffer.from(`{"resourceSpans":[{"unknown":${'[1,'.repeat(70)}`)
/** Too deep for a value, and not for a body. */
const deepValue = `${'{"arrayValue":{"values":['.repeat(15)}${']}}'.repeat(15)}`

type Outcome = 'undecodable' | 'too_large' | 'unsupported'
type Refused = readonly [
  name: string,
  headers: Readonly<Record<string, string>>,
  body: Buffer,
  status: number,
  outcome: Outcome,
]

const refused: readonly Refused[] = [
  ['truncated protobuf', protobuf, protobufBody.subarray(0, -7), 400, 'undecodable'],
  ['protobuf that claims more than it has', protobuf, boastful, 400, 'undecodable'],
  ['text as protobuf', protobuf, Buffer.from('hello world'), 400, 'undecodable'],
  ['truncated JSON', json, jsonBody.subarray(0, -7), 400, 'undecodable'],
  ['JSON of another shape', json, Buffer.from('{"resourceSpans":7}'), 400, 'undecodable'],
  ['JSON that is a list', json, Buffer.from('[]'), 400, 'undecodable'],
  ['JSON nested without end', json, deepJson, 400, 'undecodable'],
  ['JSON of a value for every few bytes', json, denseJson, 413, 'too_large'],
  ['JSON nested beneath what is read', json, deeperJson, 400, 'undecodable'],
  ['protobuf called JSON', json, protobufBody, 400, 'undecodable'],
  ['gzip that is none', { ...protobuf, ...gzip }, protobufBody, 400, 'undecodable'],
  [
    'truncated gzip',
    { ...protobuf, ...gzip },
    gzipSync(protobufBody).subarray(0, -9),
    400,
    'undecodable',
  ],
  [
    'a gzip bomb',
    { ...protobuf, ...gzip },
    gzipSync(Buffer.alloc(100 * MAX_BODY_BYTES)),
    413,
    'too_large',
  ],
  ['a body over the limit', protobuf, Buffer.alloc(MAX_BODY_BYTES + 1), 413, 'too_large'],
  ['no content type', {}, protobufBody, 415, 'unsupported'],
  ['another content type', { 'content-type': 'text/xml' }, protobufBody, 415, 'unsupported'],
  ['another encoding', { ...json, 'content-encoding': 'br' }, jsonBody, 415, 'unsupported'],
]

test.each(refused)('%s is refused in words, counted, and harms nothing', async (...row) => {
  const [, headers, body, status, outcome] = row
  const before = await counts()
  const answer = await send(collector.url, '/v1/traces', { headers, body })
  expect(answer.status).toBe(status)
  // A google.rpc.Status in the encoding of the request, JSON when that is not known.
  const isProtobuf = headers['content-type'] === protobuf['content-type']
  expect(answer.headers['content-type']).toBe((isProtobuf ? protobuf : json)['content-type'])
  expect(answer.body.toString('utf8')).toMatch(/expected|at byte \d+/)
  if (!isProtobuf) expect(answer.json()).toMatchObject({ code: status === 413 ? 8 : 3 })
  const after = await counts()
  expect(after.requests[outcome]).toBe(before.requests[outcome] + 1)
  expect(after.accepted).toBe(before.accepted)
  expect(await metric(outcome)).toBe(after.requests[outcome])
})

test('of a batch with bad spans the rest is kept, and what was refused is said and counted', async () => {
  const request = executionRequest({ n: 2, ...at }, { n: 3, ...at }, { n: 4, ...at })
  const text = JSON.stringify(request)
    .replace(/"traceId":"0{31}3"/, '"traceId":"not hex"')
    .replace('"stringValue":"exec_4"', deepValue.replace(/^\{|\}$/g, ''))
  const before = await counts()
  const answer = await send(collector.url, '/v1/traces', { headers: json, body: text })
  expect(answer.status).toBe(200)
  const { partialSuccess } = answer.json() as {
    partialSuccess: { rejectedSpans: string; errorMessage: string }
  }
  const rejected = Number(partialSuccess.rejectedSpans)
  expect(rejected).toBeGreaterThanOrEqual(1)
  expect(partialSuccess.errorMessage).toMatch(/resourceSpans\[0\]\.scopeSpans\[0\]\.spans\[\d\]/)
  const after = await counts()
  expect(after.invalid).toBe(before.invalid + rejected)
  const kept = await until('the good execution of the batch', () =>
    ask(collector.url, `/api/v1/executions/${executionIdOf(2)}`),
  )
  expect(kept).toMatchObject({ execution: { execution: { spanCount: 2 } } })
})

test('after all that it is well, and takes what is good', async () => {
  const metrics = JSON.stringify(metricsRequest(3))
  const taken = await Promise.all([
    send(collector.url, '/v1/traces', { headers: protobuf, body: protobufBody }),
    send(collector.url, '/v1/traces', {
      headers: { ...json, ...gzip },
      body: gzipSync(jsonBody),
    }),
    send(collector.url, '/v1/metrics', { headers: json, body: metrics }),
  ])
  expect(taken.map(({ status }) => status)).toEqual([200, 200, 200])
  expect(await ask(collector.url, '/health')).toMatchObject({ status: 'ok', problems: [] })
  expect(collector.child.exitCode).toBeNull()
  expect(await collector.stop()).toMatchObject({ code: 0, err: '' })
})

interface Counts {
  readonly accepted: number
  readonly invalid: number
  readonly requests: Readonly<Record<Outcome, number>>
}

async function counts(): Promise<Counts> {
  const health = await ask<{
    accounting: { traces: { accepted: number; invalid: number } }
    requests: { traces: Record<Outcome, number> }
  }>(collector.url, '/health')
  if (health === undefined) throw new Error('expected /health')
  return { ...health.accounting.traces, requests: health.requests.traces }
}

/** The same count where Prometheus reads it. */
async function metric(outcome: Outcome): Promise<number> {
  const { body } = await send(collector.url, '/metrics')
  const labels = `qflow_collector_signal="traces",qflow_collector_outcome="${outcome}"`
  const line = body
    .toString('utf8')
    .split('\n')
    .find((one) => one.startsWith(`qflow_collector_requests_total{${labels}}`))
  return Number(line?.split(' ').at(-1))
}
