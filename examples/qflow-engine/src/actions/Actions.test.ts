import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ActionCall } from '../core/ActionRegistry.ts'
import { systemRuntime } from '../core/Runtime.ts'
import { QflowEventEmitter } from '../events/EventEmitter.ts'
import { manual } from '../testing/Flows.ts'
import { createActionRegistry } from './BuiltInActions.ts'

const registry = createActionRegistry()
let server: Server
let url = ''
let dir = ''

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'qflow-actions-'))
  server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => {
      if (request.url === '/never') return
      const { method } = request
      response.writeHead(request.url === '/missing' ? 404 : 200, {
        'content-type': 'application/json',
      })
      response.end(
        JSON.stringify({
          method,
          type: request.headers['content-type'],
          body: Buffer.concat(chunks).toString(),
        }),
      )
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A server that listens on TCP has an address with a port.
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await rm(dir, { recursive: true, force: true })
})

/** Async, so that a handler that throws rejects. */
async function act(
  name: string,
  params: Record<string, unknown>,
  changes: Partial<ActionCall> = {},
): Promise<unknown> {
  return registry.action(name).handler(params, {
    executionId: 'e',
    stepId: 's',
    attempt: 1,
    signal: new AbortController().signal,
    context: {
      ...manual,
      daoSubnet: 'd',
      resourceRequest: { cpu: 1, memory: 1, storage: 1, network: 1 },
    },
    resource: undefined,
    runtime: systemRuntime,
    events: new QflowEventEmitter(),
    functions: registry.functions,
    ...changes,
  })
}

test('http sends JSON and reads JSON', async () => {
  const result = await act('qflow.action.http', { url, method: 'POST', body: { a: 1 } })
  expect(result).toMatchObject({
    status: 200,
    body: { method: 'POST', type: 'application/json', body: '{"a":1}' },
  })
})

test.each([
  [{ path: '/missing' }, 'HttpStatusError', 'The server answered with status 404'],
  [{ path: '/', expectStatus: 201 }, 'HttpStatusError', 'The server answered with status 200'],
  [{ path: '/', maxBytes: 5 }, 'QflowError', 'The answer is larger than 5 bytes'],
])('http %j is a %s', async ({ path, ...params }, name, message) => {
  await expect(act('qflow.action.http', { url: url + path, ...params })).rejects.toMatchObject({
    name,
    message,
  })
})

test('http takes an expected status, names an unreachable server, ends when aborted', async () => {
  const expected = await act('qflow.action.http', {
    url: `${url}/missing`,
    expectStatus: [200, 404],
  })
  expect(expected).toMatchObject({ status: 404 })
  const refused = act('qflow.action.http', { url: 'http://127.0.0.1:1/' })
  await expect(refused).rejects.toMatchObject({ name: 'HttpRequestError', type: 'network_error' })
  await expect(act('qflow.action.http', { url: 'file:///etc/hosts' })).rejects.toThrow(
    'http or https',
  )
  const controller = new AbortController()
  const aborted = act('qflow.action.http', { url: `${url}/never` }, { signal: controller.signal })
  controller.abort(new Error('over'))
  await expect(aborted).rejects.toThrow('over')
})

test('cpu hashes as often as told', async () => {
  const hash = (text: string) => createHash('sha256').update(text).digest('hex')
  expect(await act('qflow.action.cpu', { rounds: 2, seed: 'x' })).toEqual({
    rounds: 2,
    digest: hash(hash('x')),
  })
  await expect(act('qflow.action.cpu', { rounds: 1e12 })).rejects.toThrow(
    'params.rounds: expected a number',
  )
})

test('file writes, appends and reads below its directory', async () => {
  const path = 'a/b.txt'
  await act('qflow.action.file', { operation: 'write', dir, path, content: { a: 1 } })
  await act('qflow.action.file', { operation: 'append', dir, path, content: '\nmore' })
  const read = await act('qflow.action.file', { operation: 'read', dir, path })
  expect(read).toEqual({ path, bytes: 12, content: '{"a":1}\nmore' })
  expect(await readFile(join(dir, path), 'utf8')).toBe('{"a":1}\nmore')
})

test.each(['../out.txt', '/etc/hosts', '.', 'link/out.txt', 'a/../../out.txt'])(
  'file refuses %s',
  async (path) => {
    await symlink(tmpdir(), join(dir, 'link')).catch(() => {})
    const write = act('qflow.action.file', { operation: 'write', dir, path, content: '' })
    await expect(write).rejects.toMatchObject({ type: 'permission_denied' })
  },
)

test('function calls what was registered', async () => {
  registry.registerFunction('twice', (args) => Number(args) * 2)
  expect(await act('qflow.action.function', { name: 'twice', args: 4 })).toBe(8)
  await expect(act('qflow.action.function', { name: 'none' })).rejects.toThrow(
    'Function none is not registered',
  )
})

test('log is an event and nothing else', async () => {
  const events = new QflowEventEmitter()
  const logged: unknown[] = []
  events.on('q.qflow.log.v1', (data) => logged.push(data))
  await act('qflow.action.log', { message: 'hello' }, { events })
  expect(logged).toMatchObject([{ executionId: 'e', stepId: 's', level: 'info', message: 'hello' }])
})
