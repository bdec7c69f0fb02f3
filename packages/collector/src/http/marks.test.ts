import { expect, test } from 'vitest'
import { feed } from '../../fixtures/feed.ts'
import { send } from '../../fixtures/http.ts'
import { start } from '../../fixtures/start.ts'

async function deploymentsOf(url: string): Promise<unknown[]> {
  const { report } = (await send(url, '/api/v1/report')).json() as {
    report: { flows: { deployments: unknown[] }[] }
  }
  return report.flows.flatMap(({ deployments }) => deployments)
}

test.each(['/api/v1/marks', '/api/marks'])('%s takes a mark for one flow or all', async (path) => {
  const running = await start()
  await feed(running, { count: 3, workMs: 20, from: 0 })
  const { url } = running
  const all = await send(url, `${path}?text=database%20moved`, { method: 'POST' })
  expect(all.json()).toMatchObject({ schemaVersion: 1, mark: { text: 'database moved' } })
  const body = JSON.stringify({ text: 'release 7', flow: 'pay', at: '2020-01-01T00:00:00+01:00' })
  const one = await send(url, path, { method: 'POST', body })
  expect(one.status).toBe(200)
  await send(url, `${path}?text=elsewhere&flow=other`, { method: 'POST' })
  expect(await deploymentsOf(url)).toMatchObject([
    { kind: 'mark', name: 'release 7', unixNs: '1577833200000000000' },
    { kind: 'mark', name: 'database moved' },
  ])
})

test.each([
  ['', 'text: expected'],
  ['?text=%20', 'text: expected'],
  ['?text=x&at=yesterday', 'at: expected a time'],
  ['?text=x&at=%20', 'at: expected a time'],
  ['?text=x&at=2020-01-01T00:00', 'at: expected a time'],
  ['?text=x&at=2999-01-01T00:00Z', 'at: expected a time that has come'],
  ['?text=x&flow=', 'flow: expected'],
])('%s is refused', async (query, words) => {
  const { url } = await start()
  const answer = await send(url, `/api/v1/marks${query}`, { method: 'POST' })
  expect(answer.status).toBe(400)
  expect(answer.json()).toMatchObject({ error: { message: expect.stringContaining(words) } })
})

test('a body that is none of ours is refused, and so is one too large', async () => {
  const { url } = await start()
  const post = (body: string) => send(url, '/api/v1/marks', { method: 'POST', body })
  expect((await post('{"text":')).status).toBe(400)
  expect((await post('["text"]')).status).toBe(400)
  expect((await post(JSON.stringify({ text: 'x'.repeat(9_000) }))).status).toBe(413)
})

test('only our own page and programs may mark, by POST', async () => {
  const { url } = await start()
  const mark = (headers: Record<string, string>) =>
    send(url, '/api/v1/marks?text=x', { method: 'POST', headers })
  expect((await mark({ host: 'evil.example' })).status).toBe(403)
  expect((await mark({ origin: 'http://evil.example' })).status).toBe(403)
  const read = await send(url, '/api/v1/marks?text=x')
  expect([read.status, read.headers.allow]).toEqual([405, 'POST'])
})

test('a mark is cut to what a page can show, and moves the revision', async () => {
  const running = await start()
  const { revision } = running.collector.health()
  const answer = await send(running.url, `/api/v1/marks?text=${'x'.repeat(500)}`, {
    method: 'POST',
  })
  expect(answer.json()).toMatchObject({ mark: { text: 'x'.repeat(200) } })
  expect(running.collector.health().revision).toBeGreaterThan(revision)
})
