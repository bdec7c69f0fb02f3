import { expect, test } from 'vitest'
import { runMainJob } from './main-job.ts'

test('a validation cache that stopped hitting is found, with its hit ratio before and after', async () => {
  const { page, regression, recommendation, ended, leftPids } = await runMainJob('cache-miss', {
    flowId: 'inventory-sync',
    class: 'validation',
  })
  expect(page).toMatchObject({ status: 200, type: expect.stringContaining('text/html') })
  expect(page.text).toContain('<script')
  expect(regression.effect.low).toBeGreaterThan(0)
  expect(regression.evidence.traceIds[0]).toMatch(/^[0-9a-f]{32}$/)
  const { cacheHitRatioBefore = 0, cacheHitRatioAfter = 1 } = regression.evidence.figures
  expect(cacheHitRatioBefore).toBeGreaterThan(0.8)
  expect(cacheHitRatioAfter).toBeLessThan(0.2)
  expect(recommendation).toMatchObject({ action: 'cache-validation' })
  expect(ended).toMatchObject({ code: 0, signal: null, err: '' })
  expect(leftPids).toEqual([])
})
