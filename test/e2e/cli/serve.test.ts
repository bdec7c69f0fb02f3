import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { afterAll, afterEach, expect, test } from 'vitest'
import { otlpProtobuf, sampleExecutions } from '../../../packages/cli/test/sample-traces.ts'
import { type CollectorProcess, runCli, startCollectorProcess } from '../../process/cli.ts'
import { scratchFolder } from '../../process/scratch-folder.ts'

const started: CollectorProcess[] = []
const folder = scratchFolder()
afterAll(() => folder.remove())
afterEach(() => {
  for (const { child } of started.splice(0)) child.kill('SIGKILL')
})

async function serving(...flags: string[]): Promise<CollectorProcess> {
  const collector = await startCollectorProcess(...flags)
  started.push(collector)
  return collector
}

async function send(url: string, executionCount: number): Promise<void> {
  const startUnixMs = Date.now() - 60_000
  const spans = sampleExecutions({ executionCount, startUnixMs }).flat()
  const response = await fetch(`${url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: new Uint8Array(otlpProtobuf(spans)),
  })
  expect(response.status).toBe(200)
}

test('what it prints, and --duration', async () => {
  const { code, out, err } = await runCli(['serve', '--port', '0', '--duration', '300ms'])
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toMatch(/^ {2}page +http:\/\/127\.0\.0\.1:\d+\/$/m)
  expect(out).toContain('OTEL_EXPORTER_OTLP_ENDPOINT')
  expect(out).toContain('closing (duration over)')
})

test.each(['SIGINT', 'SIGTERM'] as const)('%s ends it cleanly', async (signal) => {
  const { child, ended } = await serving()
  child.kill(signal)
  const { code, out, err } = await ended
  expect({ code, err }).toEqual({ code: 0, err: '' })
  const kinds = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(kinds.map(({ kind }) => kind)).toEqual(['listening', 'closing', 'closed'])
  expect(kinds[1]).toMatchObject({ schemaVersion: 1, reason: signal })
})

test('a second signal ends it at once', async () => {
  // A backend that accepts and never answers keeps closing from coming to its end.
  const silent = createServer(() => {})
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const address = silent.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const { child, url, printed, ended } = await serving(
    '--forward-url',
    `http://127.0.0.1:${port}`,
    '--close-timeout-ms',
    '600000',
    '--forward-timeout-ms',
    '600000',
  )
  await send(url, 1)
  child.kill('SIGINT')
  await printed(/"closing"/)
  child.kill('SIGINT')
  expect((await ended).code).toBe(130)
  silent.close()
})

test('a port in use: which, and how to choose another', async () => {
  const { url } = await serving()
  const port = new URL(url).port
  const { code, err } = await runCli(['serve', '--port', port])
  expect(code).toBe(5)
  expect(err).toContain(`port ${port} of 127.0.0.1 is in use`)
  expect(err).toContain(`--port ${Number(port) + 1}`)
})

test('settings from the environment, flags first', async () => {
  const env = { QFLOW_OTEL_PORT: 'many' }
  const wrong = await runCli(['serve', '--duration', '1s'], { env })
  expect(wrong.code).toBe(2)
  expect(wrong.err).toContain('QFLOW_OTEL_PORT: expected a whole number')
  const right = await runCli(['serve', '--port', '0', '--duration', '100ms'], { env })
  expect(right.code).toBe(0)
})

test('findings as they are made, and why asks the running collector', async () => {
  const { url, printed, child, ended } = await serving('--min-sample-size', '10')
  await send(url, 60)
  const [line] = await printed(/^.*"change":"opened".*\n/m)
  expect(JSON.parse(line)).toMatchObject({
    schemaVersion: 1,
    kind: 'finding',
    change: 'opened',
    finding: { kind: 'bottleneck', place: { flowId: 'order' } },
  })

  const execution = await runCli(['why', 'order-59', '--url', url])
  expect(execution).toMatchObject({ code: 0, err: '' })
  expect(execution.out).toContain('# on the critical path')
  const flow = await runCli(['why', 'order', '--url', url])
  expect(flow).toMatchObject({ code: 0, err: '' })
  const picture = folder.write('order-59.svg', '')
  const drawn = await runCli(['why', 'order-59', '--url', url, '--svg', picture])
  expect(drawn).toMatchObject({ code: 0, err: '' })
  expect(readFileSync(picture, 'utf8')).toMatch(/^<svg .*POST payments\.example.*<\/svg>\n$/s)
  const undrawn = await runCli(['why', 'order', '--url', url, '--svg', picture])
  expect(undrawn).toMatchObject({ code: 2, out: '' })
  expect(undrawn.err).toContain('--svg draws one execution, and "order" is a flow')
  const unknown = await runCli(['why', 'ordre', '--url', url])
  expect(unknown.code).toBe(6)
  expect(unknown.err).toContain(`to the collector at ${url}/`)
  expect(unknown.err).toContain('order')

  child.kill('SIGTERM')
  expect((await ended).code).toBe(0)
})
