import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { unixMsOf } from '../clock.ts'
import { FakeClock } from '../fake-clock.ts'
import { StateDirectoryInUseError } from './lock.ts'
import { StateDirectory, StateDirectoryError } from './state-directory.ts'

const ownHost = hostname()
let directory: string
let clock: FakeClock

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'qflow-otel-state-'))
  clock = new FakeClock()
})

afterEach(() => rmSync(directory, { recursive: true, force: true }))

const snapshotFile = () => path.join(directory, 'analyzer.json')

async function open(taken: unknown = { learned: 1 }, restore: (given: unknown) => void = () => {}) {
  const restored: unknown[] = []
  const state = await StateDirectory.open({
    directory,
    clock,
    intervalMs: 1_000,
    restore: (snapshot) => {
      restore(snapshot)
      restored.push(snapshot)
    },
    take: () => taken,
  })
  return { state, restored }
}

test('what was written at close is restored at the next start', async () => {
  const first = await open({ flows: ['ä', 1] })
  expect(first.state.state).toMatchObject({ restored: 'nothing', writtenUnixMs: undefined })
  await first.state.close()
  const second = await open()
  expect(second.restored).toEqual([{ flows: ['ä', 1] }])
  expect(second.state.state).toMatchObject({
    restored: 'snapshot',
    writtenUnixMs: unixMsOf(clock),
  })
  await second.state.close()
  expect(readdirSync(directory)).toEqual(['analyzer.json'])
  expect(clock.timerCount).toBe(0)
})

test('the timer writes, and a reader never sees half a file', async () => {
  const { state } = await open()
  await clock.advance(1_000)
  await state.write()
  expect(readFileSync(snapshotFile(), 'utf8')).toContain('{"learned":1}')
  expect(readdirSync(directory).sort()).toEqual(['analyzer.json', 'lock'])
  await state.close()
})

describe('a snapshot that cannot be used is set aside, and the start goes on', () => {
  const written = async () => {
    const { state } = await open()
    await state.close()
    return readFileSync(snapshotFile(), 'utf8')
  }

  test.each<[string, (text: string) => string, string]>([
    ['empty', () => '', 'expected two lines'],
    ['torn', (text) => text.slice(0, -4), 'torn or altered'],
    ['altered', (text) => text.replace('"learned":1', '"learned":2'), 'torn or altered'],
    [
      'foreign',
      (text) => text.replace('qflow-otel-analyzer', 'other'),
      'expected format qflow-otel-analyzer, found "other"',
    ],
    ['newer', (text) => text.replace('"version":1', '"version":9'), 'expected version 1, found 9'],
    ['no JSON', () => 'hello\nworld\n', 'not valid JSON'],
    ['null', () => 'null\nnull\n', 'expected an object in line 1'],
  ])('%s', async (_name, damage, reason) => {
    const damaged = damage(await written())
    writeFileSync(snapshotFile(), damaged)
    const { state, restored } = await open()
    expect(restored).toEqual([])
    expect(state.state.restored).toBe('set_aside')
    expect(state.state.setAside?.reason).toContain(reason)
    expect(readFileSync(state.state.setAside?.file ?? '', 'utf8')).toBe(damaged)
    await state.close()
  })

  test('every truncation of it', async () => {
    const whole = await written()
    for (let length = 0; length < whole.length - 1; length += 7) {
      writeFileSync(snapshotFile(), whole.slice(0, length))
      const { state } = await open()
      expect(state.state.restored).toBe('set_aside')
      await state.close()
      rmSync(state.state.setAside?.file ?? '')
    }
  })

  test('one that the analyzer refuses; the next one gets the next number', async () => {
    const refuse = () => {
      throw new Error('flows: expected an array, found 7')
    }
    await written()
    const first = await open({}, refuse)
    await first.state.close()
    const second = await open({}, refuse)
    await second.state.close()
    expect(second.state.state.setAside?.reason).toBe('flows: expected an array, found 7')
    expect(readdirSync(directory).sort()).toEqual([
      'analyzer.json',
      'analyzer.json.corrupt-1',
      'analyzer.json.corrupt-2',
    ])
  })
})

describe('two collectors do not share a directory', () => {
  test('a living one keeps the other out', async () => {
    const { state } = await open()
    await expect(open()).rejects.toThrow(StateDirectoryInUseError)
    await expect(open()).rejects.toThrow(`process ${process.pid}`)
    await state.close()
    await (await open()).state.close()
  })

  const lockFile = () => path.join(directory, 'lock')
  const holder = (more: object) => JSON.stringify({ token: 't', pid: process.pid, ...more })

  test.each([
    ['torn by a crash', () => '{"token":'],
    ['of a process that is gone', () => holder({ pid: 2 ** 22 - 1, host: ownHost })],
    ['of an older process with our id', () => holder({ host: ownHost, startTicks: '1' })],
  ])('a lock %s is taken over', async (_name, content) => {
    writeFileSync(lockFile(), content())
    await (await open()).state.close()
  })

  test('a lock of another machine holds while it is refreshed', async () => {
    writeFileSync(lockFile(), holder({ host: 'elsewhere' }))
    const seconds = unixMsOf(clock) / 1000
    utimesSync(lockFile(), seconds - 30, seconds - 30)
    await expect(open()).rejects.toThrow('on elsewhere')
    utimesSync(lockFile(), seconds - 61, seconds - 61)
    await (await open()).state.close()
  })
})

test('a place that is no directory is named', async () => {
  writeFileSync(path.join(directory, 'file'), '')
  directory = path.join(directory, 'file', 'state')
  await expect(open()).rejects.toThrow(StateDirectoryError)
  await expect(open()).rejects.toThrow('expected a directory to keep state in')
  directory = path.dirname(path.dirname(directory))
})

test('a file system that takes no directories is named instead of asked for ever', async () => {
  const kept = directory
  directory = '/proc/qflow-otel/state'
  await expect(open()).rejects.toThrow(
    /^\/proc\/qflow-otel\/state: expected a directory to keep state in/,
  )
  directory = kept
})

test('a write that fails is in the state and throws nowhere', async () => {
  const { state } = await open()
  rmSync(directory, { recursive: true })
  await state.write()
  expect(state.state.failure).toContain('ENOENT')
  await state.close()
})
