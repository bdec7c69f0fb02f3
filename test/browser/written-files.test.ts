import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { memoryTerminal } from '../../packages/cli/src/memory-terminal.ts'
import { run } from '../../packages/cli/src/run.ts'
import { otlpJsonLines, sampleExecutions } from '../../packages/cli/test/sample-traces.ts'
import { scratchFolder } from '../process/scratch-folder.ts'
import { launchBrowser, type PageBrowser } from './page-browser.ts'

const schemaFile = createRequire(import.meta.url).resolve(
  'speedscope/dist/release/file-format-schema.json',
)
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}
const markup = '<script>window.pwned=1</script><b onload="window.pwned=1">&\u202e\u001b[2J'

const folder = scratchFolder()
const traces = folder.write('traces.jsonl', otlpJsonLines(sampleExecutions({ executionCount: 2 })))
const hostileLines = otlpJsonLines(sampleExecutions({ executionCount: 2, flowId: markup }))
const hostile = folder.write('hostile.jsonl', hostileLines)
let browser: PageBrowser
let server: Server
let url: string

beforeAll(async () => {
  browser = await launchBrowser()
  server = await serveFiles()
  // A server on TCP has an address of this form.
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(async () => {
  await browser.close()
  server.closeAllConnections()
  folder.remove()
})

test('speedscope itself opens the export', async () => {
  await written('export', traces, '--format', 'speedscope', '-o', `${folder.path}/out.json`)
  const { page } = await browser.open(`${url}/speedscope/index.html#profileURL=/written/out.json`)
  // Two executions: the path of each, and its spans.
  await page.getByText('order order-0: critical path (1/4)').waitFor()
  expect(await page.title()).toBe('qflow-otel - speedscope')
})

test.each([
  ['light', 'rgb(26, 33, 43) on rgb(255, 255, 255)'],
  ['dark', 'rgb(228, 233, 240) on rgb(15, 20, 27)'],
] as const)('the picture on a %s ground', async (colorScheme, colours) => {
  await written('why', 'order-1', traces, '--svg', `${folder.path}/picture.svg`)
  const { page, complaints } = await browser.open(`${url}/written/picture.svg`, { colorScheme })
  const fill = (selector: string) =>
    page.evaluate(`getComputedStyle(document.querySelector('${selector}')).fill`)
  expect(`${await fill('.title')} on ${await fill('.ground')}`).toBe(colours)
  const beyond = `[...document.querySelectorAll('rect, text')]
    .map((one) => one.getBoundingClientRect())
    .filter(({ left, right }) => left < 0 || right > 1200).length`
  expect(await page.evaluate(beyond)).toBe(0)
  expect(complaints).toEqual([])
})

test('a name in a picture is text', async () => {
  await written('why', `${markup}-1`, hostile, '--svg', `${folder.path}/hostile.svg`)
  const { page, complaints } = await browser.open(`${url}/written/hostile.svg`)
  // A reader of XML that meets a mistake puts its complaint in place of the picture.
  expect(await page.evaluate('document.documentElement.tagName')).toBe('svg')
  const active = 'script, b, parsererror, image, a, foreignObject'
  expect(await page.evaluate(`document.querySelectorAll('${active}').length`)).toBe(0)
  expect(await page.locator('.title').first().textContent()).toBe(
    '<script>window.pwned=1</script><b onload="window.pwned=1">&\\u{202e}\\x1b[2J',
  )
  expect(await page.evaluate('window.pwned')).toBeUndefined()
  expect(complaints).toEqual([])
})

/** Runs the command and expects that it did what it was told. */
async function written(...argv: string[]): Promise<void> {
  const terminal = memoryTerminal()
  const code = await run(argv, terminal)
  expect({ code, err: terminal.errText() }).toEqual({ code: 0, err: '' })
}

/** `/speedscope` is the program as its package has it, `/written` what the command wrote. */
async function serveFiles(): Promise<Server> {
  const folders: Readonly<Record<string, string>> = {
    speedscope: path.dirname(schemaFile),
    written: folder.path,
  }
  const created = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://files.invalid')
    const [, first = '', name = ''] = pathname.split('/')
    try {
      const content = readFileSync(path.join(folders[first] ?? folder.path, name))
      const type = TYPES[path.extname(name)] ?? 'application/octet-stream'
      response.writeHead(200, { 'content-type': type }).end(content)
    } catch {
      response.writeHead(204).end() // what a page may ask for besides, such as an icon
    }
  })
  await new Promise<void>((resolve) => created.listen(0, '127.0.0.1', resolve))
  return created
}
