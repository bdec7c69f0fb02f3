import type { Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  type Answers,
  alertAnswers,
  emptyAnswers,
  findingAnswers,
  learningAnswers,
} from './answers.ts'
import { executionReport } from './example-execution.ts'
import { alert, regression } from './example-findings.ts'
import {
  buildPage,
  launchBrowser,
  type OpenPage,
  type PageBrowser,
  type View,
} from './page-browser.ts'
import { StandInCollector } from './stand-in-collector.ts'
import { manySpans, withPause } from './unusual-executions.ts'

const executionHash = `#/execution/${executionReport.execution.executionId}`

let built: Awaited<ReturnType<typeof buildPage>>
let browser: PageBrowser
let collector: StandInCollector
let opened: OpenPage[] = []

beforeAll(async () => {
  built = await buildPage()
  browser = await launchBrowser()
})

afterAll(async () => {
  await browser.close()
  await built.remove()
})

beforeEach(async () => {
  collector = new StandInCollector(built.folder, emptyAnswers)
  await collector.start()
})

afterEach(async () => {
  await Promise.all(opened.map(({ page }) => page.close()))
  opened = []
  await collector.stop()
})

async function show(answers: Answers, hash = '', view?: View): Promise<OpenPage> {
  collector.answer(answers)
  const page = await browser.open(`${collector.origin}/${hash}`, view)
  opened.push(page)
  return page
}

describe('overview', () => {
  test('empty: says what to run and where to send', async () => {
    const { page, complaints } = await show(emptyAnswers)
    await page.getByRole('heading', { name: 'Waiting for the first execution' }).waitFor()
    const text = await page.locator('main').textContent()
    expect(text).toContain('node --import @qflow-otel/instrumentation/register app.js')
    expect(text).toContain(`OTEL_EXPORTER_OTLP_ENDPOINT=${collector.origin}`)
    expect(complaints).toEqual([])
  })

  test('the empty page fills by itself', async () => {
    const { page, complaints } = await show(emptyAnswers)
    await page.getByRole('heading', { name: 'Waiting for the first execution' }).waitFor()
    collector.answer(findingAnswers)
    await page.getByRole('heading', { name: '2 open findings' }).waitFor()
    expect(complaints).toEqual([])
  })

  test('learning: how many executions of how many', async () => {
    const { page, complaints } = await show(learningAnswers)
    await page.getByText('12 of 30 executions').waitFor()
    expect(await page.locator('[data-state=learning]').textContent()).toContain('not judged yet')
    expect(complaints).toEqual([])
  })

  test('findings: the regression first, with its figures, evidence and what to do', async () => {
    const { page, complaints } = await show(findingAnswers)
    const first = page.locator('article').first()
    await first.waitFor()
    const text = await first.textContent()
    expect(await first.getAttribute('data-finding')).toBe('regression')
    expect(text).toContain(regression.sentence)
    expect(text).toContain('+54 % +48 % … +61 % n 240')
    expect(text).toContain('+43.2 ms')
    expect(text).toContain('82.4 ms')
    expect(text).toContain('Start charge-payment beside reserve-stock')
    await first.getByRole('link', { name: 'exec-7f3a90c2' }).click()
    await page.getByRole('heading', { name: 'Waterfall' }).waitFor()
    expect(complaints).toEqual([])
  })

  test('an alert stands first, with its findings; what it tells of is not told again', async () => {
    const { page, complaints } = await show(alertAnswers)
    await page.getByRole('heading', { name: '1 open alert' }).waitFor()
    const first = page.locator('article.alert').first()
    const text = await first.textContent()
    expect(text).toContain(alert.sentence)
    expect(text).toContain('came back 2 times')
    await first.locator('article[data-finding=regression]').waitFor()
    await page.getByRole('heading', { name: '1 open finding' }).waitFor()
    expect(await page.locator('article[data-finding=regression]').count()).toBe(1)
    await page.getByText('1 alert that ended').waitFor()
    await page
      .getByText('False alarms: measured 0.4 [0.1–1.2] per 10,000 executions (100,000 replayed)')
      .waitFor()
    await first.getByRole('link', { name: 'refund' }).waitFor()
    expect(complaints).toEqual([])
  })

  test('what can be said about an alert: by one button each, and taken back', async () => {
    const { page, complaints } = await show(alertAnswers)
    const first = page.locator('article.alert').first()
    await first.getByRole('button', { name: 'Snooze 1 h' }).click()
    await expect
      .poll(() => collector.posted)
      .toEqual([`/api/v1/alerts/${alert.id}/snooze?forMs=3600000`])
    const [, ...others] = alertAnswers.report.alerts
    const acknowledged = { ...alert, status: 'acknowledged' as const }
    collector.answer({
      ...alertAnswers,
      report: { ...alertAnswers.report, alerts: [acknowledged, ...others] },
    })
    await first.getByText('acknowledged', { exact: true }).waitFor()
    await first.getByRole('button', { name: 'Take back' }).click()
    await expect.poll(() => collector.posted.at(-1)).toBe(`/api/v1/alerts/${alert.id}/reopen`)
    await collector.stop()
    expect(complaints).toEqual([])
  })

  test('what was lost is said', async () => {
    const { page } = await show(findingAnswers)
    await page.getByText('dropped: 3 late').waitFor()
  })

  test('a running execution has no duration, and says why', async () => {
    const { page } = await show(findingAnswers)
    const row = page.locator('tr', { hasText: 'running' })
    expect(await row.locator('.absent').getAttribute('title')).toBe('it has not ended')
  })
})

describe('flow', () => {
  test('steps, phases, critical path and what to do', async () => {
    const { page, complaints } = await show(findingAnswers, '#/flow/order-checkout')
    await page.getByRole('heading', { name: 'Critical path' }).waitFor()
    const phases = page.locator('.records .phase-bar').nth(1)
    expect(await phases.getAttribute('aria-label')).toContain('resource wait 8.40 ms (9.6 %)')
    expect(await page.locator('.shares').textContent()).toContain('POST payments.example')
    await page.locator('a', { hasText: 'exec-7f3b0000' }).waitFor()
    expect(complaints).toEqual([])
  })

  test('variants, what a speed-up would bring, and who waited for whom', async () => {
    const { page, complaints } = await show(findingAnswers, '#/flow/order-checkout')
    const variants = page.locator('section', { has: page.locator('#variants') })
    await variants.getByText('cancel-order failed').waitFor()
    const curve = page.locator('section', { has: page.locator('#speed-up') }).getByRole('img')
    expect(await curve.getAttribute('aria-label')).toContain('at 50 % of its time 27 % are saved')
    const waiting = await page.locator('section', { has: page.locator('#waiting') }).textContent()
    expect(waiting).toContain('payment-clients')
    expect(waiting).toContain('pay-back')
    expect(waiting).toContain('check-stock')
    expect(await page.locator('main').textContent()).toContain('open at once')
    expect(complaints).toEqual([])
  })

  test('an unknown flow is not an error', async () => {
    const { page, complaints } = await show(findingAnswers, '#/flow/nowhere')
    await page.getByText('knows no flow of this name').waitFor()
    expect(complaints).toEqual([])
  })
})

describe('execution', () => {
  test('the waterfall, its critical path and why', async () => {
    const { page, complaints } = await show(findingAnswers, executionHash)
    await page.getByText('It took 133 ms').waitFor()
    const rows = page.getByRole('option')
    expect(await rows.count()).toBe(8)
    expect(await page.locator('.row.on-path').count()).toBe(7)
    expect(await page.locator('.row-phases').count()).toBe(4)
    expect(await widthRatioOf(page, '.path-strip .tile')).toBeCloseTo(1, 2)
    await page.getByLabel('only the critical path').check()
    await expect.poll(() => rows.count()).toBe(7)
    expect(complaints).toEqual([])
  })

  test('bars stand where their spans were', async () => {
    const { page } = await show(findingAnswers, executionHash)
    const payment = page.locator('.row', { hasText: 'POST payments.example' }).nth(1)
    const track = await boxOf(payment.locator('.row-track'))
    const bar = await boxOf(payment.locator('.bar').first())
    expect((bar.x - track.x) / track.width).toBeCloseTo(46 / 133, 2)
    expect(bar.width / track.width).toBeCloseTo(71 / 133, 2)
  })

  test.each([
    ['light', 390],
    ['dark', 1280],
  ] as const)(
    'the strip gives each phase of the path the room of its time, %s at %d px',
    async (colorScheme, widthPx) => {
      const { page } = await show(findingAnswers, executionHash, { widthPx, colorScheme })
      const shares = await areaShares(page.locator('.path-strip'))
      // A pixel of each tile separates it from the next: nine of some 330.
      for (const [kind, ms] of Object.entries(pathMs))
        expect(Math.abs((shares[kind] ?? 0) - ms / 133), kind).toBeLessThan(0.02)
      expect(Object.keys(shares).sort()).toEqual(Object.keys(pathMs).sort())
      await page
        .getByText('of phases within a step the lengths are measured, the order is not')
        .waitFor()
      const [own] = await page.locator('.path-strip .tile[title^="charge-payment"]').all()
      expect(await own?.getAttribute('title')).toBe(
        'charge-payment · validation 5.9 %, resource wait 71 %, ledger 24 % · 13.0 ms',
      )
    },
  )

  test('a pause is drawn where nothing ran, and is part of the path', async () => {
    const { page } = await show(withPause({ startNs: 24e6, endNs: 25e6 }), executionHash)
    const pause = await boxOf(page.locator('.pauses .kind-paused'))
    const track = await boxOf(page.locator('.pauses-track'))
    expect((pause.x - track.x) / track.width).toBeCloseTo(24 / 133, 2)
    await page.locator('.shares').getByText('paused').waitFor()
    await page.getByText('without pauses').waitFor()
  })

  test('keys move through the rows, and details keep every ns', async () => {
    const { page } = await show(findingAnswers, executionHash)
    await page.getByRole('listbox').focus()
    await page.keyboard.press('ArrowDown')
    const details = page.getByLabel('Details of the active span')
    await details.getByRole('heading', { name: 'reserve-stock' }).waitFor()
    await details.getByText('22.000000 ms').waitFor()
    await page.keyboard.press('End')
    await details.getByRole('heading', { name: 'send-receipt' }).waitFor()
  })

  test('one that is not kept is no error', async () => {
    const { page } = await show(findingAnswers, '#/execution/gone')
    await page.getByText('The collector keeps no such execution').waitFor()
  })

  test('10,000 spans are a bounded number of elements, and the last is reached', async () => {
    const { page, complaints } = await show(manySpans(10_000), executionHash)
    await page.getByText('10,000 spans').waitFor()
    expect(await page.getByRole('option').count()).toBeLessThan(60)
    await page.getByRole('listbox').focus()
    await page.keyboard.press('End')
    await page.getByRole('option', { name: 'call 9999' }).waitFor()
    expect(complaints).toEqual([])
  })
})

describe('collector gone', () => {
  test('says since when, greys what is old, and recovers by itself', async () => {
    const { page } = await show(learningAnswers)
    await page.locator('[data-presence=live]').waitFor()
    await collector.stop()
    const banner = page.getByRole('status')
    await banner.getByText(/Collector gone since \d\d:\d\d:\d\d, retrying/).waitFor()
    expect(await page.locator('main').getAttribute('class')).toBe('stale')
    expect(await page.locator('main').textContent()).toContain('12 of 30 executions')
    await collector.start()
    collector.answer(findingAnswers)
    await page.getByRole('heading', { name: '2 open findings' }).waitFor()
    await banner.waitFor({ state: 'hidden' })
    expect(await page.locator('main').getAttribute('class')).toBe('')
  })
})

describe('on every screen', () => {
  test.each([
    ['', 390],
    ['', 1280],
    ['#/flow/order-checkout', 390],
    [executionHash, 390],
    [executionHash, 1280],
  ])('%j at %d px has nothing beyond the right edge', async (hash, widthPx) => {
    const { page, complaints } = await show(findingAnswers, hash, { widthPx })
    await page.locator('article').first().waitFor()
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0)
    expect(complaints).toEqual([])
  })

  test('a page that does not exist says so', async () => {
    const { page } = await show(findingAnswers, '#/nowhere/x')
    await page.getByRole('heading', { name: 'No such page' }).waitFor()
  })
})

/** Of the path of the example: by kind of time, in ms. */
const pathMs = {
  engine: 4,
  validation: 3,
  resource_wait: 12,
  work: 103,
  retry_backoff: 2,
  ledger: 9,
}

/** What part of an element's area is drawn in each colour of a kind. */
async function areaShares(strip: Locator): Promise<Record<string, number>> {
  const whole = await strip.boundingBox()
  if (whole === null) throw new Error('expected a strip that is drawn')
  const shares: Record<string, number> = {}
  for (const part of await strip.locator('[class*=kind-]').all()) {
    const box = await part.boundingBox()
    const kind = /kind-(\w+)/.exec((await part.getAttribute('class')) ?? '')?.[1] ?? 'none'
    const area = (box?.width ?? 0) * (box?.height ?? 0)
    shares[kind] = (shares[kind] ?? 0) + area / (whole.width * whole.height)
  }
  return shares
}

async function boxOf(locator: Locator): Promise<{ x: number; width: number }> {
  const box = await locator.boundingBox()
  if (box === null) throw new Error('expected an element that is drawn')
  return box
}

/** Of all elements together, against their parent. */
async function widthRatioOf(page: Page, selector: string): Promise<number> {
  const elements = await page.locator(selector).all()
  const boxes = await Promise.all(elements.map(boxOf))
  const whole = await boxOf(page.locator(selector).first().locator('..'))
  return boxes.reduce((sum, { width }) => sum + width, 0) / whole.width
}
