import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { startProcess } from '../process/start-process.ts'
import { freePort } from '../process/waiting.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const shop = path.join(root, 'examples/order-processing')
const cli = path.join(root, 'packages/cli/dist/main.mjs')
const folder = mkdtempSync(path.join(tmpdir(), 'qflow-otel-traces-'))
afterAll(() => rmSync(folder, { recursive: true }))

const started = async (...flags: string[]) => {
  const argv = ['start.mjs', '--port', String(await freePort()), ...flags]
  return startProcess(process.execPath, argv, { cwd: shop }).ended
}
const asked = (...argv: string[]) => startProcess(process.execPath, [cli, ...argv]).ended

test('the shop leaves a file of its traces that is analysed, explained and drawn', async () => {
  const file = path.join(folder, 'traces.pb')
  const ended = await started('--fault', 'none', '--duration', '15s', '--traces', file)
  expect(ended).toMatchObject({ code: 0, err: '', out: expect.stringContaining(file) })

  const analysis = await asked('analyze', '--json', file)
  expect(analysis).toMatchObject({ code: 0, err: '' })
  const { inputs, report } = JSON.parse(analysis.out)
  expect(inputs).toMatchObject([{ problemCount: 0 }])
  const flows = report.flows.map(({ flowId }: { flowId: string }) => flowId)
  expect(flows.sort()).toEqual(['checkout', 'fulfilment', 'inventory-sync'])
  expect(report.losses.droppedSpans).toEqual({})

  expect(await asked('why', 'checkout', file)).toMatchObject({ code: 0, err: '' })
  const paths = await asked('analyze', '--critical-path', '--json', file)
  expect(paths).toMatchObject({ code: 0, err: '' })
})

test('a file that cannot be written is said before anything starts', async () => {
  const ended = await started('--traces', path.join(folder, 'none', 'traces.pb'))
  expect(ended).toMatchObject({ code: 2, out: '' })
  expect(ended.err).toMatch(/^--traces: ENOENT: .*\n$/)
})
