import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, expect, test, vi } from 'vitest'
import { createFaults } from '../faults.ts'
import { createResourceSampler } from '../resource-sampler.ts'
import { createBacklog } from './backlog.ts'

afterEach(() => vi.useRealTimers())

function backlogAndLog(mayWait = false) {
  const log: string[] = []
  const faults = createFaults('test')
  const sampler = createResourceSampler()
  const backlog = createBacklog({ sampler, faults, canWait: () => mayWait })
  const record = (name: string) => ({
    open: () => void log.push(`open ${name}`),
    close: () => void log.push(`close ${name}`),
  })
  return { backlog, log, record }
}

test('nothing is told in the turn it happens in, all of it at the end, what has ended first', async () => {
  const { backlog, log, record } = backlogAndLog()
  backlog.open(record('a'))
  backlog.close(record('child'))
  backlog.close(record('parent'))
  await Promise.resolve()
  expect(log).toEqual([])
  await turn()
  expect(log).toEqual(['close child', 'close parent', 'open a'])
  await turn()
  expect(log).toHaveLength(3)
})

test('what is full is told at once, in order, and nothing is lost or told twice', async () => {
  const { backlog, log, record } = backlogAndLog()
  const names = Array.from({ length: 600 }, (_, index) => `close ${index}`)
  for (const name of names) backlog.close(record(name.slice(6)))
  expect(log).toEqual(names.slice(0, 512))
  await turn()
  expect(log).toEqual(names)
})

test('one that throws does not keep the others', () => {
  const { backlog, log, record } = backlogAndLog()
  backlog.close({
    close: () => {
      throw new Error('broken processor')
    },
  })
  backlog.close(record('b'))
  backlog.flush()
  expect(log).toEqual(['close b'])
})

test('a flush from inside a flush goes on where the outer one is', () => {
  const { backlog, log, record } = backlogAndLog()
  backlog.close({
    close() {
      backlog.close(record('c'))
      backlog.flush()
      log.push('close a')
    },
  })
  backlog.close(record('b'))
  backlog.flush()
  expect(log).toEqual(['close b', 'close c', 'close a'])
})

test('what may wait is told 100 ms after the turn in which the first of it happened', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const { backlog, log, record } = backlogAndLog(true)
  backlog.open(record('a'))
  await turn()
  vi.advanceTimersByTime(60)
  backlog.close(record('a'))
  await turn()
  vi.advanceTimersByTime(39)
  expect(log).toEqual([])
  vi.advanceTimersByTime(1)
  expect(log).toEqual(['close a', 'open a'])
  expect(vi.getTimerCount()).toBe(0)
  backlog.open(record('b'))
  await turn()
  vi.advanceTimersByTime(100)
  expect(log.slice(2)).toEqual(['open b'])
})

test('what may wait does not wait where there is much of it, or once somebody flushes', async () => {
  const { backlog, log, record } = backlogAndLog(true)
  const closeInOneTurn = async (count: number) => {
    for (let index = 0; index < count; index++) backlog.close(record(String(index)))
    const toldBefore = log.length
    await turn()
    return log.length - toldBefore
  }
  expect(await closeInOneTurn(8)).toBe(8)
  for (let told = 0; told < 63; told += 7) expect(await closeInOneTurn(7)).toBe(0)
  expect(await closeInOneTurn(1)).toBe(64)
  backlog.open(record('a'))
  await turn()
  expect(log).toHaveLength(72)
  backlog.flush()
  expect(log.slice(72)).toEqual(['open a'])
})

test('figures of the process are read when the turn is over, also where spans wait', async () => {
  const sampler = createResourceSampler()
  const backlog = createBacklog({ sampler, faults: createFaults('test'), canWait: () => true })
  const mark = sampler.mark(0)
  backlog.open({ open: () => {} })
  expect(mark.reading).toBe(0)
  await turn()
  expect(mark.reading).toBe(1)
})
