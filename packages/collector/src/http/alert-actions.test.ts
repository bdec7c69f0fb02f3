import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Alert, AnalyzerChange, Plain } from '@qflow-otel/analyzer'
import { expect, test } from 'vitest'
import { feed } from '../../fixtures/feed.ts'
import { send } from '../../fixtures/http.ts'
import { closeLater, start } from '../../fixtures/start.ts'

/** A collector with an open alert, and what it tells. */
async function alarmed(options: Parameters<typeof start>[0] = {}) {
  const told: AnalyzerChange[] = []
  const onFindings = (changes: readonly AnalyzerChange[]) => told.push(...changes)
  const running = await start({ ...options, onFindings })
  await feed(running, { count: 50, workMs: 50, from: 0 })
  await feed(running, { count: 30, workMs: 200, from: 50 })
  const [alert] = await alertsOf(running.url)
  if (alert === undefined) throw new Error('expected an alert')
  const act = (action: string, sent: Parameters<typeof send>[2] = {}) =>
    send(running.url, `/api/v1/alerts/${alert.id}/${action}`, { method: 'POST', ...sent })
  return { ...running, alert, told, act }
}

async function alertsOf(url: string): Promise<Plain<Alert>[]> {
  const answer = (await send(url, '/api/v1/alerts')).json() as { alerts: Plain<Alert>[] }
  return answer.alerts
}

test('an action changes the alert, is told, and moves the revision', async () => {
  const { url, collector, alert, told, act } = await alarmed()
  expect(alert).toMatchObject({ status: 'open', flowIds: ['pay'] })
  const { revision } = collector.health()
  const answer = await act('acknowledge')
  expect(answer.status).toBe(200)
  expect(answer.json()).toMatchObject({
    schemaVersion: 1,
    alert: { id: alert.id, status: 'acknowledged' },
  })
  expect(await alertsOf(url)).toMatchObject([{ status: 'acknowledged' }])
  expect(told.at(-1)).toMatchObject({ change: 'updated', finding: { kind: 'alert' } })
  expect(collector.health().revision).toBeGreaterThan(revision)
})

test('a snooze is over in its time, a verdict is shown and can be taken back', async () => {
  const { url, clock, act } = await alarmed()
  expect((await act('snooze?forMs=60000')).status).toBe(200)
  await clock.advance(70_000)
  expect(await alertsOf(url)).toMatchObject([{ status: 'open' }])
  await act('false-positive')
  const calibrations = async () =>
    ((await send(url, '/api/v1/alerts')).json() as { calibrations: unknown[] }).calibrations
  expect(await calibrations()).toMatchObject([{ flowId: 'pay', metric: 'duration' }])
  await act('reopen')
  expect(await calibrations()).toEqual([])
})

test.each([
  ['snooze', 400, 'forMs: expected ms'],
  ['snooze?forMs=-5', 400, 'forMs: expected ms'],
  ['explode', 404, 'expected one of acknowledge, snooze'],
  ['reopen', 409, 'an alert that is acknowledged, snoozed or called false'],
])('%s is refused with %i', async (action, status, words) => {
  const { act } = await alarmed()
  const answer = await act(action)
  expect(answer.status).toBe(status)
  expect(answer.json()).toMatchObject({ error: { message: expect.stringContaining(words) } })
})

test('only our own page and programs may act, by POST', async () => {
  const { url, act } = await alarmed()
  expect((await act('resolve', { headers: { host: 'evil.example' } })).status).toBe(403)
  expect((await act('resolve', { headers: { origin: 'http://evil.example' } })).status).toBe(403)
  const read = await act('resolve', { method: 'GET' })
  expect([read.status, read.headers.allow]).toEqual([405, 'POST'])
  expect(await alertsOf(url)).toMatchObject([{ status: 'open' }])
  const unknown = await send(url, '/api/v1/alerts/nobody/resolve', { method: 'POST' })
  expect(unknown.status).toBe(404)
  const broken = await send(url, '/api/v1/alerts/%zz/resolve', { method: 'POST' })
  expect(broken.status).toBe(400)
})

test('alerts and what was said of them survive a restart', async () => {
  const stateDir = mkdtempSync(path.join(tmpdir(), 'qflow-otel-'))
  closeLater({ close: async () => rmSync(stateDir, { recursive: true }) })
  const { collector, alert, act } = await alarmed({ stateDir })
  await act('acknowledge')
  await collector.close()
  const again = await start({ stateDir })
  expect(await alertsOf(again.url)).toMatchObject([{ id: alert.id, status: 'acknowledged' }])
})
