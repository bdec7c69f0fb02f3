import { type RunningCollector, startCollector } from '@qflow-otel/collector'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { FakeClock } from '../../packages/collector/src/fake-clock.ts'
import { executionIdAt, otlpExecutions } from './otlp-executions.ts'
import { buildPage, launchBrowser, type PageBrowser } from './page-browser.ts'

/** Seven learned executions of the thirty that the collector is told to want. */
const count = 7
const markup = '<img src=x onerror="window.pwned=1">'

let built: Awaited<ReturnType<typeof buildPage>>
let browser: PageBrowser
let collector: RunningCollector
let clock: FakeClock

beforeAll(async () => {
  built = await buildPage()
  browser = await launchBrowser()
})

afterAll(async () => {
  await browser.close()
  await built.remove()
})

beforeEach(async () => {
  clock = new FakeClock(Date.now())
  collector = await startCollector({
    port: 0,
    minSampleSize: 30,
    pageDirectory: built.folder,
    clock,
  })
})

afterEach(() => collector.close())

/** Sends executions that just ended, and lets the time pass after which they are known to the baselines. */
async function send(stepId: string): Promise<void> {
  const response = await fetch(`${collector.url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(otlpExecutions({ count, endUnixMs: Date.now(), stepId })),
  })
  expect(response.status).toBe(200)
  await clock.advance(10_000)
}

test('from an empty page to the waterfall of an execution that was sent', async () => {
  const { page, complaints } = await browser.open(collector.url)
  await page.getByRole('heading', { name: 'Waiting for the first execution' }).waitFor()
  await send('charge')
  await page.getByText(`${count} of 30 executions`).waitFor()
  await page.getByRole('link', { name: executionIdAt(0) }).click()
  await page.getByRole('option').getByText('POST payments.example').waitFor()
  expect(await page.getByRole('option').count()).toBe(3)
  const shares = await page.locator('.shares').textContent()
  expect(shares).toContain('POST payments.example60.0 ms60 %')
  expect(complaints).toEqual([])
  await page.close()
})

test('the flow has its steps, phases and critical path', async () => {
  await send('charge')
  const { page, complaints } = await browser.open(`${collector.url}/#/flow/order-checkout`)
  await page.locator('.records .phase-bar').first().waitFor()
  const phases = await page.locator('.records .phase-bar').first().getAttribute('aria-label')
  expect(phases).toBe('work 75.0 ms (94 %), ledger 5.00 ms (6.3 %)')
  expect(await page.locator('.shares').textContent()).toContain('POST payments.example60.0 ms60 %')
  expect(complaints).toEqual([])
  await page.close()
})

test('markup in a step id that was sent is text', async () => {
  await send(markup)
  const { page, complaints } = await browser.open(
    `${collector.url}/#/execution/${executionIdAt(0)}`,
  )
  await page.getByRole('option').getByText(markup).waitFor()
  expect(await page.evaluate('window.pwned')).toBeUndefined()
  expect(await page.locator('img').count()).toBe(0)
  expect(complaints).toEqual([])
  await page.close()
})
