import { beforeEach, expect, test } from 'vitest'
import { type Bench, createBench, flowOf, stepOf } from '../testing/Flows.ts'
import { signWebhookBody, type WebhookConfig, type WebhookService } from './WebhookService.ts'

const body = JSON.stringify({ type: 'order.created', id: 7 })
const config: WebhookConfig = {
  id: 'w',
  endpoint: '/orders',
  source: 'shop',
  secret: 's3cret',
  flowId: 'flow',
}

let bench: Bench
let webhooks: WebhookService
beforeEach(async () => {
  bench = await createBench()
  webhooks = bench.qflow.webhookService
  bench.qflow.executionEngine.registerFlow(
    flowOf([stepOf('a', 'qflow.action.complete', { params: { id: '${data.id}' } })]),
  )
  await webhooks.registerWebhook(config)
})

const send = (
  text = body,
  headers = { 'X-Qflow-Signature': signWebhookBody(config.secret, text) },
) => webhooks.processWebhookEvent('/orders', headers, text, '10.0.0.1')

test('a signed event starts its flow from the timer, apart from the request', async () => {
  const outcome = await send()
  expect(outcome).toMatchObject({
    valid: true,
    processedEvent: { type: 'order.created', source: 'shop' },
  })
  expect(bench.qflow.executionEngine.getAllExecutions()).toEqual([])
  await bench.time.advance(50)
  expect(bench.qflow.executionEngine.getAllExecutions()).toMatchObject([
    { status: 'completed', context: { triggerType: 'webhook', triggeredBy: 'webhook:shop' } },
  ])
  webhooks.stop()
  expect(bench.time.pendingCount()).toBe(0)
})

test.each([
  [
    'a wrong signature',
    () => send(body, { 'X-Qflow-Signature': signWebhookBody('other', body) }),
    'The signature does not match',
  ],
  ['no signature', () => send(body, { 'X-Qflow-Signature': '' }), 'The signature does not match'],
  [
    'a body that is no JSON',
    () => send('{"a":'),
    'Body: expected a value, found the end of the text',
  ],
  ['a body that is no object', () => send('[]'), 'Body: expected a JSON object'],
  [
    'an unknown endpoint',
    () => webhooks.processWebhookEvent('/none', {}, body),
    'No webhook at this endpoint',
  ],
])('%s is refused', async (_name, call, reason) => {
  expect(await call()).toEqual({ valid: false, errors: [reason], warnings: [] })
  expect(webhooks.processingQueue).toEqual([])
})

test('too many events of a minute and foreign addresses are refused', async () => {
  await webhooks.registerWebhook({ ...config, maxEventsPerMinute: 1 })
  expect([(await send()).valid, (await send()).errors]).toEqual([
    true,
    ['Too many events in this minute'],
  ])
  await bench.time.advance(60_000)
  await webhooks.registerWebhook({ ...config, allowedSources: ['10.0.0.2'] })
  expect((await send()).errors).toEqual(['The source is not allowed'])
})

test('a full queue refuses, and a flow that is gone is counted', async () => {
  await webhooks.registerWebhook({ ...config, flowId: 'none', endpoint: '/orders' })
  for (let index = 0; index < 1_000; index++) await send()
  expect((await send()).errors).toEqual(['The queue is full'])
  await bench.time.advance(50)
  expect(webhooks.counts).toMatchObject({ accepted: 1_000, refused: 1, refusedStarts: 1_000 })
})
