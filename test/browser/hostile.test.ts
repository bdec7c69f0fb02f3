import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answers, findingAnswers } from './answers.ts'
import { executionReport } from './example-execution.ts'
import { regression } from './example-findings.ts'
import { buildPage, launchBrowser, type OpenPage, type PageBrowser } from './page-browser.ts'
import { StandInCollector } from './stand-in-collector.ts'

const markup = `<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>`
const script = 'javascript:window.pwned=1'
const rightToLeft = '\u202egpj.exe\u2066\u200fשלום'
const megabyte = 'x'.repeat(1_000_000)
const controls = '\u0000\u001b]0;title\u0007\ud800'
const hostileTexts: readonly (readonly [string, string])[] = [
  ['markup', markup],
  ['script address', script],
  ['right to left', rightToLeft],
  ['a megabyte', megabyte],
  ['controls and half a pair', controls],
  ['path and query', '../../x?y#/flow/z%zz'],
  ['member of every object', '__proto__'],
]

let built: Awaited<ReturnType<typeof buildPage>>
let browser: PageBrowser
let collector: StandInCollector

beforeAll(async () => {
  built = await buildPage()
  browser = await launchBrowser()
  collector = new StandInCollector(built.folder, findingAnswers)
  await collector.start()
})

afterAll(async () => {
  await browser.close()
  await collector.stop()
  await built.remove()
})

describe.each(hostileTexts)('%s', (_, text) => {
  test.each(['', '#/flow/', '#/execution/'])('is text alone under %j', async (hash) => {
    collector.answer(answersWith(text))
    const id =
      hash === '' ? '' : encodeURIComponent(text.replace(/\p{Surrogate}/gu, '').slice(0, 100))
    const opened = await browser.open(`${collector.origin}/${hash}${id}`)
    await opened.page.locator('[data-presence=live]').waitFor()
    await expectHarmless(opened)
  })

  test('is text alone in a waterfall', async () => {
    collector.answer(answersWith(text))
    const opened = await browser.open(`${collector.origin}/#/execution/hostile`)
    await opened.page.getByRole('option').nth(7).waitFor()
    await opened.page.getByRole('option').nth(2).click()
    await opened.page.getByText('2 attributes').click()
    await opened.page.locator('.finding').first().waitFor()
    await expectHarmless(opened)
  })
})

test('markup is shown as it was written', async () => {
  collector.answer(answersWith(markup))
  const { page } = await browser.open(`${collector.origin}/#/execution/hostile`)
  await page.getByRole('option').getByText(markup).first().waitFor()
  await page.close()
})

test('what would turn the display around becomes visible', async () => {
  collector.answer(answersWith(rightToLeft))
  const { page } = await browser.open(`${collector.origin}/#/execution/hostile`)
  await page.getByRole('option').getByText('⟨U+202E⟩gpj.exe').first().waitFor()
  await page.close()
})

test('a violation of the policy would be seen', async () => {
  const { page, complaints } = await browser.open(collector.origin)
  await page.evaluate(`
    const planted = document.createElement('script')
    planted.textContent = 'window.pwned = 1'
    document.body.append(planted)
  `)
  await expect.poll(() => complaints.join()).toContain('Content Security Policy')
  expect(await page.evaluate('window.pwned')).toBeUndefined()
  await page.close()
})

async function expectHarmless({ page, complaints }: OpenPage): Promise<void> {
  expect(await page.evaluate('window.pwned')).toBeUndefined()
  expect(await page.locator('img, iframe, object, main script').count()).toBe(0)
  expect(await page.locator('main a[href]:not([href^="#/"])').count()).toBe(0)
  expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0)
  expect((await page.locator('main').textContent())?.length).toBeLessThan(40_000)
  expect(complaints.filter((complaint) => !complaint.includes('404'))).toEqual([])
  await page.close()
}

/** The text wherever an answer can hold one. */
function answersWith(text: string): Answers {
  const { report, executions } = findingAnswers
  const { execution } = executionReport
  const place = { ...regression.place, flowId: text, stepId: text, spanName: text }
  const evidence = { executionIds: [text], traceIds: [text], figures: { [text]: 1 } }
  const finding = { ...regression, place, sentence: text, evidence }
  const hostile = {
    ...executionReport,
    findings: [finding],
    execution: {
      ...execution,
      executionId: text,
      flowId: text,
      flowVersion: text,
      traceIds: [text],
      parentExecutionId: text,
      status: text,
      errorType: text,
      flags: [text],
      spans: execution.spans.map((span) => ({
        ...span,
        name: text,
        serviceName: text,
        attributes: { [text]: text, plain: text },
      })),
      steps: execution.steps.map((step) => ({ ...step, stepId: text, action: text })),
    },
  }
  const answer = { about: 'execution' as const, id: text, headline: text, facts: [text], evidence }
  return {
    report: {
      ...report,
      findings: [finding],
      flows: report.flows.map((flow) => ({
        ...flow,
        flowId: text,
        versions: [text],
        steps: flow.steps.map((step) => ({ ...step, stepId: text, action: text })),
      })),
      losses: { ...report.losses, droppedSpans: { [text]: 2 } },
    },
    executions: executions.map((each) => ({ ...each, executionId: text, flowId: text })),
    execution: { hostile },
    why: { [text]: answer, hostile: answer },
  }
}
