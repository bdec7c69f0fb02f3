import { beforeEach, expect, test } from 'vitest'
import { createVirtualTime, type VirtualTime } from '../core/VirtualTime.ts'
import { KeyRing } from '../crypto/KeyRing.ts'
import { QflowEventEmitter } from '../events/EventEmitter.ts'
import type { ValidationLayer, ValidationRequest } from '../models/Validation.ts'
import { stepOf } from '../testing/Flows.ts'
import { signStep, stepDigest, stepLayers } from './DefaultLayers.ts'
import { UniversalValidationPipeline } from './UniversalValidationPipeline.ts'

const keys = new KeyRing('test', Buffer.alloc(32, 7))
let time: VirtualTime
let pipeline: UniversalValidationPipeline
beforeEach(async () => {
  time = createVirtualTime()
  pipeline = new UniversalValidationPipeline({ ...time, keys, events: new QflowEventEmitter() })
  await pipeline.initialize()
})

function requestFor(
  step = stepOf('a', 'x', { params: { n: 1 } }),
  registered = step,
): ValidationRequest {
  const digest = stepDigest(registered)
  const signature = signStep(keys.currentKey(), { id: 'f', version: '1' }, digest)
  return {
    context: {
      requestId: 'r',
      timestamp: 't',
      source: 'test',
      metadata: {
        flowId: 'f',
        flowVersion: '1',
        permissions: [],
        requiredPermissions: [],
        step,
        actionSpec: { params: { n: { type: 'number', required: true } }, permissions: [] },
        registration: { digest, signature, keyId: 'test' },
      },
    },
    data: { action: step.action, params: step.params },
    layers: stepLayers,
  }
}

const layer = (layerId: string, changes: Partial<ValidationLayer> = {}): ValidationLayer => ({
  layerId,
  name: layerId,
  description: layerId,
  priority: 0,
  required: true,
  timeout: 100,
  ...changes,
})

test('rejects before it is initialized', async () => {
  await expect(new UniversalValidationPipeline().validate(requestFor())).rejects.toThrow(
    'not initialized',
  )
})

test('misses once, then hits, until the entry is too old or the policy is new', async () => {
  const hits = async () => (await pipeline.validate(requestFor())).cacheHits
  expect([await hits(), await hits()]).toEqual([0, 4])
  await time.advance(5 * 60 * 1000)
  expect([await hits(), await hits()]).toEqual([0, 4])
  pipeline.updatePipelinePolicy({ policyVersion: '2' })
  expect(await hits()).toBe(0)
})

test('without its cache every step pays for the key', async () => {
  const lookupMs = 40
  pipeline.setKeyLookup(async (keyId) => {
    await new Promise<void>((resolve) => time.timers.setTimeout(resolve, lookupMs))
    return keys.key(keyId)
  })
  const durationMs = async () => {
    const running = pipeline.validate(requestFor())
    await time.advance(lookupMs)
    return (await running).totalDuration
  }
  expect([await durationMs(), await durationMs()]).toEqual([lookupMs, 0])
  pipeline.updatePipelinePolicy({ cacheEnabled: false })
  expect([await durationMs(), await durationMs()]).toEqual([lookupMs, lookupMs])
  const running = pipeline.validate(requestFor())
  await time.advance(lookupMs)
  expect(await running).toMatchObject({
    cacheHits: 0,
    cacheMisses: 0,
    results: [{ duration: 0 }, { layerId: 'signature', duration: lookupMs }, {}, {}],
  })
})

test.each([
  ['schema', requestFor(stepOf('a', 'x', { params: { n: 'one' } }))],
  [
    'signature',
    requestFor(stepOf('a', 'x', { params: { n: 2 } }), stepOf('a', 'x', { params: { n: 1 } })),
  ],
] as const)('a failed %s layer ends the run and is not cached', async (layerId, request) => {
  await pipeline.validate(request)
  const result = await pipeline.validate(request)
  expect(result.overallStatus).toBe('failed')
  expect(result.results.at(-1)).toMatchObject({ layerId, status: 'failed', cached: false })
  expect(result.metadata).toMatchObject({ layersFailed: 1, shortCircuited: true })
})

test('a template passes the schema: its type is known only at run time', async () => {
  const request = requestFor(stepOf('a', 'x', { params: { n: '${data.n}' } }))
  expect((await pipeline.validate(request)).overallStatus).toBe('passed')
})

test('layers run by priority; unknown ones are skipped and counted; optional ones only warn', async () => {
  const order: string[] = []
  const register = (
    layerId: string,
    changes: Partial<ValidationLayer>,
    status: 'passed' | 'failed',
  ) =>
    pipeline.registerLayer(layer(layerId, changes), () => {
      order.push(layerId)
      return { status, message: status }
    })
  register('last', { priority: 9 }, 'passed')
  register('first', { priority: -1, required: false }, 'failed')
  const result = await pipeline.validate({ ...requestFor(), layers: ['last', 'nobody', 'first'] })
  expect(order).toEqual(['first', 'last'])
  expect(result).toMatchObject({
    overallStatus: 'warning',
    metadata: { layersExecuted: 2, layersSkipped: 1 },
  })
  expect(pipeline.getStatistics()).toMatchObject({ unknownLayers: 1 })
})

test('a layer that throws or takes too long fails', async () => {
  pipeline.registerLayer(layer('throws'), () => {
    throw new Error('boom')
  })
  pipeline.registerLayer(layer('slow'), () => new Promise(() => {}))
  const thrown = await pipeline.validate({ ...requestFor(), layers: ['throws'] })
  const running = pipeline.validate({ ...requestFor(), layers: ['slow'] })
  await time.advance(100)
  expect(thrown.results[0]).toMatchObject({ status: 'failed', message: 'boom' })
  expect((await running).results[0]?.message).toBe('Validation timeout after 100 ms')
  expect(time.pendingCount()).toBe(0)
})
