import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { EXIT } from '../exit-code.ts'
import { memoryTerminal } from '../memory-terminal.ts'
import { run } from '../run.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

/** A collector as far as marks go, and what it was asked for. */
async function collector(status = 200, body: object = {}) {
  const asked: string[] = []
  const server = createServer(({ method, url }, response) => {
    if (method === 'GET') {
      const detection = { flows: [{ flowId: 'order' }] }
      return response.end(JSON.stringify({ schemaVersion: 1, detection }))
    }
    asked.push(`${method} ${decodeURIComponent((url ?? '').replaceAll('+', ' '))}`)
    response.writeHead(status).end(JSON.stringify({ schemaVersion: 1, ...body }))
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A server on TCP has an address of this form.
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const ran = async (...argv: string[]) => {
    const terminal = memoryTerminal({ env: { QFLOW_OTEL_URL: url } })
    const code = await run(['mark', ...argv], terminal)
    return { code, out: terminal.outText(), err: terminal.errText() }
  }
  return { asked, ran }
}

const kept = { text: 'release 7', unixNs: '1795471392000000000', flowId: 'order' }

test('what was done, for which flow and when', async () => {
  const { asked, ran } = await collector(200, { mark: kept })
  const { code, out } = await ran('release', '7', '--flow', 'order', '--at', '2026-11-23T22:03:12Z')
  expect(code).toBe(EXIT.ok)
  expect(asked).toEqual(['POST /api/v1/marks?text=release 7&flow=order&at=2026-11-23T22:03:12Z'])
  expect(out).toBe('marked at 2026-11-23 22:03:12 UTC for order: release 7\n')
})

test('a flow that was never seen may come, and may be misspelt', async () => {
  const { ran } = await collector(200, { mark: kept })
  expect(await ran('x', '--flow', 'order')).toMatchObject({ code: EXIT.ok, err: '' })
  const { code, out, err } = await ran('x', '--flow', 'odrer')
  expect({ code, out }).toEqual({ code: EXIT.ok, out: expect.stringContaining('marked at') })
  expect(err).toContain('has seen no flow "odrer" so far; nearest: order')
})

test('as JSON', async () => {
  const { ran } = await collector(200, { mark: { ...kept, flowId: undefined } })
  const { out } = await ran('release 7', '--json')
  expect(JSON.parse(out)).toMatchObject({ kind: 'mark', mark: { text: 'release 7' } })
})

test('without a text, and what the collector refuses', async () => {
  const { ran } = await collector(400, { error: { message: 'at: expected a time' } })
  expect((await ran()).err).toContain('no text given')
  const { code, err } = await ran('x', '--at', 'tomorrow')
  expect(code).toBe(EXIT.usage)
  expect(err).toContain('at: expected a time')
})

test('an older collector knows no marks', async () => {
  const { ran } = await collector(404, { error: { message: '/api/v1/marks is not known' } })
  const { code, err } = await ran('x')
  expect(code).toBe(EXIT.connection)
  expect(err).toContain('takes no marks')
})
