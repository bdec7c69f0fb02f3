import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { sampleAnswer, sampleExecution } from '../render/sample-execution.ts'
import { collectorSource } from './collector-source.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

/** A server that answers each path with a status and a body. */
async function serving(
  answers: Readonly<Record<string, readonly [number, unknown]>>,
): Promise<string> {
  const server = createServer((request, response) => {
    const [status, body] = answers[request.url ?? ''] ?? [
      404,
      { schemaVersion: 1, error: { message: 'not known' } },
    ]
    response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A server on TCP has an address of this form.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('an execution is asked for first, then a flow', async () => {
  const url = await serving({
    '/api/v1/why?execution=exec-1207': [200, { schemaVersion: 1, answer: sampleAnswer }],
    '/api/v1/executions/exec-1207': [200, { schemaVersion: 1, execution: sampleExecution }],
    '/api/v1/why?flow=order': [200, { schemaVersion: 1, answer: { ...sampleAnswer, id: 'order' } }],
  })
  const source = collectorSource(url)
  expect((await source.explain('exec-1207'))?.execution?.execution.executionId).toBe('exec-1207')
  expect(await source.explain('order')).toEqual({
    answer: { ...sampleAnswer, id: 'order' },
    execution: undefined,
  })
  expect(await source.explain('a/b ?#')).toBeUndefined()
})

test('known ids, whatever else is in the lists', async () => {
  const url = await serving({
    '/api/v1/report': [200, { schemaVersion: 1, report: { flows: [{ flowId: 'order' }, 7] } }],
    '/api/v1/executions?limit=1000': [
      200,
      { schemaVersion: 1, executions: [{ executionId: 'e1' }] },
    ],
  })
  expect(await collectorSource(url).knownIds()).toEqual(['order', 'e1'])
})

test.each([
  ['another program', [200, '<html>'], 'but not as a qflow-otel collector does'],
  ['another version', [200, { schemaVersion: 2 }], 'answers in schema version 2'],
  ['a plain 404', [404, 'not found'], 'answered 404 instead of'],
  ['a fault', [500, {}], 'answered 500 instead of'],
  [
    'no facts',
    [200, { schemaVersion: 1, answer: { id: 'x', headline: 'y' } }],
    'without its headline or facts',
  ],
] as const)('%s', async (_name, answer, message) => {
  const url = await serving({ '/api/v1/why?execution=x': answer })
  await expect(collectorSource(url).explain('x')).rejects.toThrow(message)
})

test('nobody listens', async () => {
  const url = await serving({})
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve))
  await expect(collectorSource(url).explain('x')).rejects.toThrow(
    `no collector answers at ${url}/: connection refused`,
  )
})

test.each(['', 'localhost:4318', 'ftp://x', 'http://'])('%s is no address', (url) => {
  expect(() => collectorSource(url)).toThrow('--url: expected an http or https URL')
})
