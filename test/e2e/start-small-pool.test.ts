import { expect, test } from 'vitest'
import { runMainJob } from './main-job.ts'

test('a pool that became too small is found at the step that waits for it', async () => {
  const { page, regression, recommendation, ended, leftPids } = await runMainJob('small-pool', {
    flowId: 'fulfilment',
    stepId: 'pack',
    class: 'resource-wait',
  })
  expect(page).toMatchObject({ status: 200, type: expect.stringContaining('text/html') })
  expect(page.text).toContain('<script')
  expect(regression.effect.low).toBeGreaterThan(0)
  expect(regression.evidence.traceIds[0]).toMatch(/^[0-9a-f]{32}$/)
  expect(recommendation).toMatchObject({ action: 'enlarge-pool' })
  expect(ended).toMatchObject({ code: 0, signal: null, err: '' })
  expect(leftPids).toEqual([])
})
