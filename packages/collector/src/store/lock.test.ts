import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { claimName, lockDirectory, StateDirectoryInUseError } from './lock.ts'

const NOW_UNIX_MS = 1_795_471_999_000
const gone = (token: string) =>
  JSON.stringify({ token, pid: 2 ** 22 - 1, host: hostname(), startTicks: '1' })

let directory: string
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'qflow-otel-lock-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const lockFile = () => path.join(directory, 'lock')
const claimFile = (content: string) => path.join(directory, claimName(content))
const lock = () => lockDirectory(directory, NOW_UNIX_MS)

/** File operations of different contenders overtake each other in the thread pool, each round anew. */
const ROUNDS = 40
const CONTENDERS = 8

test.each([
  ['a free directory', () => rmSync(lockFile(), { force: true })],
  ['a lock whose process is gone', () => writeFileSync(lockFile(), gone('a'))],
  ['a lock torn by a crash', () => writeFileSync(lockFile(), '{"tok')],
])('of many that want %s at once, one gets it', async (_name, prepare) => {
  for (let round = 0; round < ROUNDS; round++) {
    prepare()
    const tries = await Promise.allSettled(Array.from({ length: CONTENDERS }, lock))
    const holders = tries.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    expect(holders).toHaveLength(1)
    for (const one of tries)
      if (one.status === 'rejected') expect(one.reason).toBeInstanceOf(StateDirectoryInUseError)
    expect(readdirSync(directory)).toEqual(['lock'])
    await expect(lock()).rejects.toThrow(`process ${process.pid}`)
    await holders[0]?.release()
    expect(readdirSync(directory)).toEqual([])
  }
})

test('one that ended while it took a lock over keeps nobody out, and leaves nothing', async () => {
  writeFileSync(lockFile(), gone('a'))
  writeFileSync(claimFile(gone('a')), gone('b'))
  writeFileSync(claimFile(gone('b')), gone('c'))
  const held = await lock()
  expect(readdirSync(directory)).toEqual(['lock'])
  expect(readFileSync(lockFile(), 'utf8')).toContain(`"pid":${process.pid}`)
  await held.release()
})

test('one that is taking a lock over right now keeps others out', async () => {
  writeFileSync(lockFile(), gone('a'))
  const held = await lock()
  const own = readFileSync(lockFile(), 'utf8')
  writeFileSync(lockFile(), gone('b'))
  writeFileSync(claimFile(gone('b')), own)
  await expect(lock()).rejects.toThrow(`process ${process.pid}`)
  expect(readFileSync(lockFile(), 'utf8')).toBe(gone('b'))
  await held.release()
})
