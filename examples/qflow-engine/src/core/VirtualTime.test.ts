import { expect, test } from 'vitest'
import { createVirtualTime } from './VirtualTime.ts'

test('fires timers in order of their time, and promises settle between', async () => {
  const { timers, clock, advance, pendingCount } = createVirtualTime(0)
  const log: string[] = []
  const note = (name: string) => () => log.push(`${name} ${clock.monotonicMs()}`)
  timers.setTimeout(note('late'), 20)
  timers.setTimeout(note('first'), 10)
  timers.setTimeout(() => {
    note('second')()
    void Promise.resolve().then(() => timers.setTimeout(note('nested'), 5))
  }, 10)
  const interval = timers.setInterval(note('tick'), 8)
  timers.clearTimeout(timers.setTimeout(note('never'), 1))
  await advance(19)
  expect(log).toEqual(['tick 8', 'first 10', 'second 10', 'nested 15', 'tick 16'])
  timers.clearInterval(interval)
  await advance(1)
  expect(log.at(-1)).toBe('late 20')
  expect([clock.nowMs(), pendingCount()]).toEqual([20, 0])
})

test('work that never yields makes what falls due meanwhile late', async () => {
  const { timers, clock, advance, spend } = createVirtualTime(0)
  const log: string[] = []
  const note = (name: string) => () => log.push(`${name} ${clock.monotonicMs()}`)
  timers.setTimeout(() => spend(30), 10)
  timers.setTimeout(note('late'), 20)
  timers.setTimeout(note('in time'), 50)
  await advance(60)
  expect(log).toEqual(['late 40', 'in time 50'])
  expect(clock.monotonicMs()).toBe(60)
})
