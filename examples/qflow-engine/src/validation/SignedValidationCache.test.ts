import { expect, test } from 'vitest'
import { createVirtualTime } from '../core/VirtualTime.ts'
import { QflowEventEmitter } from '../events/EventEmitter.ts'
import { SignedValidationCache } from './SignedValidationCache.ts'

const result = {
  layerId: 'l',
  status: 'passed',
  message: 'ok',
  duration: 1,
  timestamp: 't',
} as const
const setUp = (options = {}) => {
  const time = createVirtualTime()
  const cache = new SignedValidationCache({ ...time, events: new QflowEventEmitter(), ...options })
  const has = async (data: unknown) => (await cache.get('l', data, '1')) !== null
  return { time, cache, has }
}

test('the least recently used entry leaves first', async () => {
  const { cache, has } = setUp({ maxEntries: 2 })
  await cache.set('l', 'a', '1', result)
  await cache.set('l', 'b', '1', result)
  await has('a')
  await cache.set('l', 'c', '1', result)
  expect([await has('a'), await has('b'), await has('c')]).toEqual([true, false, true])
  expect(cache.getStatistics()).toMatchObject({ size: 2, evicted: 1 })
})

test('an entry lives for its time', async () => {
  const { cache, has, time } = setUp({ ttlMs: 10 })
  await cache.set('l', 'a', '1', result)
  await time.advance(9)
  expect(await has('a')).toBe(true)
  await time.advance(1)
  expect(await has('a')).toBe(false)
  expect(cache.getStatistics()).toMatchObject({ size: 0, expired: 1, hits: 1, misses: 1 })
})

test('nested data of different values never share an entry', async () => {
  const { cache, has } = setUp()
  await cache.set('l', { params: { a: 1, b: 2 } }, '1', result)
  expect(await has({ params: { b: 2, a: 1 } })).toBe(true)
  expect(await has({ params: { a: 2, b: 2 } })).toBe(false)
})

test('a forged entry is dropped and counted', async () => {
  const { cache, has } = setUp()
  await cache.set('l', 'a', '1', result)
  for (const [key, entry] of cache.entries) cache.entries.set(key, { ...entry, text: '{}' })
  expect(await has('a')).toBe(false)
  expect(cache.getStatistics()).toMatchObject({ size: 0, integrityFailures: 1 })
})
