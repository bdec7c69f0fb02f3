import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { memoryTerminal } from '../memory-terminal.ts'
import { run } from '../run.ts'

const settings = {
  enableDetection: true,
  sensitivityLevel: 'medium',
  falseAlarmBudgetExecutions: 10_000,
  alertThreshold: 0.1,
  minSampleSize: 30,
  windowSize: 20,
}
/** A flow that always takes as long, and one of which next to nothing is known. */
const flows = [
  {
    tenant: 'default',
    flowId: 'checkout',
    durationsMs: Array.from({ length: 60 }, (_, index) => 100 + (index % 7)),
    executionsPerHour: 240,
  },
  { tenant: 'default', flowId: 'refund', durationsMs: [80], executionsPerHour: 0 },
]

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

/** A collector as far as its settings go. */
async function collector(detection: unknown = { settings, flows }): Promise<string> {
  const server = createServer((_, response) =>
    response.writeHead(200).end(JSON.stringify({ schemaVersion: 1, detection })),
  )
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A server on TCP has an address of this form.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('config explain', () => {
  test('says in words what is promised, and for each flow what it costs', async () => {
    const terminal = memoryTerminal({ columns: 100 })
    const code = await run(['config', 'explain', '--url', await collector()], terminal)
    expect(code).toBe(0)
    const text = terminal.outText()
    expect(text).toContain('At most one false alarm in 10,000 executions of a flow')
    expect(text).toContain('at this traffic at most one false alarm every 41.7 h')
    expect(text).toMatch(/\+5\.0 % +never +not beyond alertThreshold/)
    expect(text).toMatch(/\+50 % +7 executions +105 s/)
    expect(text).toMatch(/refund {2}n = 1\n.*cannot be said\n.*too few executions/)
  })

  test('of one flow, as data', async () => {
    const terminal = memoryTerminal()
    const argv = ['config', 'explain', '--flow', 'refund', '--json', '--url', await collector()]
    expect(await run(argv, terminal)).toBe(0)
    expect(JSON.parse(terminal.outText())).toMatchObject({
      kind: 'settings',
      settings,
      flows: [{ flowId: 'refund', executionCount: 1 }],
    })
  })

  test.each([
    [['config'], 2, 'expected explain, found nothing'],
    [['config', 'explain', '--flow', 'chekout'], 6, 'checkout'],
    [['config', 'explain', 'a.json'], 2, '--url and files exclude each other'],
  ])('%j is refused', async (argv, code, words) => {
    const terminal = memoryTerminal()
    expect(await run([...argv, '--url', await collector()], terminal)).toBe(code)
    expect(terminal.errText()).toContain(words)
  })

  test.each([[[]], [['--json']], [['--flow', 'checkout']]])(
    'of input without a span only what is wrong with it, with %j',
    async (argv) => {
      const terminal = memoryTerminal({ stdin: Buffer.from('{"resourceSpans":7}') })
      expect(await run(['config', 'explain', '-', ...argv], terminal)).toBe(3)
      expect(terminal.outText()).toBe('')
      expect(terminal.errText()).toMatch(/^qflow-otel: standard input: line 1: expected/)
    },
  )

  test('what is no answer is said', async () => {
    const terminal = memoryTerminal()
    const url = await collector({ settings: {}, flows: [] })
    expect(await run(['config', 'explain', '--url', url], terminal)).toBe(5)
    expect(terminal.errText()).toContain('no settings of a detection')
  })
})
