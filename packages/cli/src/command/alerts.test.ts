import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { memoryTerminal } from '../memory-terminal.ts'
import { sampleReport } from '../render/sample-report.ts'
import { run } from '../run.ts'

const [, regression] = sampleReport.findings
if (regression?.kind !== 'regression') throw new Error('the sample has a regression')
const { id: _id, ...ofRegression } = regression

const alert = (id: string, more = {}) => ({
  ...ofRegression,
  kind: 'alert',
  id,
  status: 'open',
  cause: { kind: 'dependency', name: 'POST payments.example' },
  sentence: `dependency POST payments.example: ${regression.sentence}`,
  flowIds: ['order', 'refund'],
  findingIds: [regression.id],
  relatedIds: [],
  reopenedCount: 0,
  ...more,
})
const known = [
  alert('4f9d3c1a2b5e6f704f9d3c1a2b5e6f70', { severity: 'high', reopenedCount: 2 }),
  alert('4f00aaaaaaaaaaaaaaaaaaaaaaaaaaaa', {
    status: 'snoozed',
    snoozedUntilUnixNs: '1700003600000000000',
  }),
  alert('77bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', { state: 'resolved', status: 'resolved' }),
]
const calibrations = [
  { flowId: 'order', stepId: 'pay', phase: 'work', metric: 'phase', alertIds: [known[2]?.id] },
]

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

/** A collector as far as alerts go, and what it was asked for. */
async function collector(refusal?: readonly [number, string]) {
  const asked: string[] = []
  const server = createServer(({ method, url }, response) => {
    asked.push(`${method} ${url}`)
    if (method === 'GET') {
      const { falseAlarms } = sampleReport
      const body = { schemaVersion: 1, alerts: known, calibrations, falseAlarms }
      return response.writeHead(200).end(JSON.stringify(body))
    }
    const [status, message] = refusal ?? [200, '']
    const body = refusal
      ? { error: { message } }
      : { alert: { ...known[0], status: 'acknowledged' } }
    return response.writeHead(status).end(JSON.stringify({ schemaVersion: 1, ...body }))
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A server on TCP has an address of this form.
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const type = async (...words: string[]) => {
    const terminal = memoryTerminal({ columns: 80 })
    const code = await run(['alerts', ...words, '--url', url], terminal)
    return { code, out: terminal.outText(), err: terminal.errText() }
  }
  return { asked, type }
}

test('lists what is open, what ended and what verdicts changed', async () => {
  const { type } = await collector()
  const { code, out, err } = await type()
  expect({ code, err }).toEqual({ code: 0, err: '' })
  await expect(out).toMatchFileSnapshot('../render/golden/alerts.txt')
  const { out: json } = await type('list', '--json')
  expect(JSON.parse(json)).toMatchObject({ schemaVersion: 1, kind: 'alerts', calibrations })
})

test('an action takes the beginning of an id', async () => {
  const { type, asked } = await collector()
  const { code, out } = await type('acknowledge', '4F9D')
  expect(code).toBe(0)
  expect(out).toContain('acknowledged · high · 2 flows')
  expect(asked.at(-1)).toBe(`POST /api/v1/alerts/${known[0]?.id}/acknowledge`)
  await type('snooze', '4f9d', '--for', '2h')
  expect(asked.at(-1)).toBe(`POST /api/v1/alerts/${known[0]?.id}/snooze?forMs=7200000`)
  await type('snooze', '4f9d')
  expect(asked.at(-1)).toMatch(/forMs=3600000$/)
})

test.each([
  [['explode', '4f9d'], 2, 'expected one of list, acknowledge'],
  [['resolve'], 2, 'resolve: no alert given'],
  [['resolve', 'a', 'b'], 2, 'found more'],
  [['resolve', '4f'], 2, 'several alerts begin with "4f"'],
  [['resolve', 'ffff'], 6, 'no alert "ffff" is known'],
  [['resolve', '4f9d', '--for', '1h'], 2, '--for is the length of a snooze'],
  [['snooze', '4f9d', '--for', 'long'], 2, 'expected a duration'],
])('alerts %j ends with %i', async (words, expected, message) => {
  const { type, asked } = await collector()
  const { code, out, err } = await type(...words)
  expect({ code, out }).toEqual({ code: expected, out: '' })
  expect(err).toContain(message)
  expect(asked.filter((one) => one.startsWith('POST'))).toEqual([])
})

test.each([
  [409, 2],
  [404, 6],
  [500, 5],
])('what a collector refuses with %i ends with %i', async (status, expected) => {
  const { type } = await collector([status, 'resolve: expected an alert that is open'])
  const { code, err } = await type('resolve', '4f9d')
  expect(code).toBe(expected)
  if (status === 409) expect(err).toContain('expected an alert that is open')
})
