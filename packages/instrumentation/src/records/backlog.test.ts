import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createFaults } from '../faults.ts'
import { createResourceSampler } from '../resource-sampler.ts'
import { createBacklog } from './backlog.ts'

function backlogAndLog() {
  const log: string[] = []
  const backlog = createBacklog(createResourceSampler(), createFaults('test'))
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
