import { beforeEach, expect, test } from 'vitest'
import { KeyRing } from '../crypto/KeyRing.ts'
import { QflowEventEmitter } from '../events/EventEmitter.ts'
import { ExecutionLedger, type ExecutionRecord } from './ExecutionLedger.ts'
import { createVirtualTime } from './VirtualTime.ts'

let ledger: ExecutionLedger
beforeEach(async () => {
  ledger = new ExecutionLedger({
    ...createVirtualTime(),
    events: new QflowEventEmitter(),
    keys: new KeyRing('test', Buffer.alloc(32, 7)),
  })
  await ledger.initialize()
})

const append = (stepId: string, execId = 'e') =>
  ledger.appendRecord({
    execId,
    stepId,
    payloadCID: stepId,
    actor: 'a',
    nodeId: 'n',
    timestamp: 't',
  })

test('refuses records before it is initialized', async () => {
  await expect(
    new ExecutionLedger().appendRecord({
      execId: 'e',
      stepId: 's',
      payloadCID: 'p',
      actor: 'a',
      nodeId: 'n',
      timestamp: 't',
    }),
  ).rejects.toThrow('not initialized')
})

test('links each record to the one before it', async () => {
  const first = await append('a')
  await append('x', 'other')
  const second = await append('b')
  expect([first.prevHash, second.prevHash]).toEqual(['', first.recordHash])
  expect(await ledger.validateLedger('e')).toMatchObject({ isValid: true, errors: [] })
})

test('keeps the chain whole when appended to at once', async () => {
  await Promise.all(['a', 'b', 'c', 'd'].map((stepId) => append(stepId)))
  expect((await ledger.validateLedger('e')).isValid).toBe(true)
})

test('checks a record once; a full check starts over', async () => {
  let hashCount = 0
  const calculate = ledger.calculateRecordHash.bind(ledger)
  ledger.calculateRecordHash = (record) => {
    hashCount++
    return calculate(record)
  }
  const costs: number[] = []
  for (const stepId of ['a', 'b', 'c']) {
    await append(stepId)
    hashCount = 0
    await ledger.validateLedger('e')
    costs.push(hashCount)
  }
  hashCount = 0
  await ledger.validateLedger('e', { full: true })
  expect([...costs, hashCount]).toEqual([1, 1, 1, 3])
})

const forgeries: readonly (readonly [string, Partial<ExecutionRecord>, object])[] = [
  ['content', { actor: 'mallory' }, { chainIntegrity: false, signatureValidity: true }],
  ['link', { prevHash: 'f'.repeat(64) }, { chainIntegrity: false }],
  ['signature', { signature: 'f'.repeat(64) }, { chainIntegrity: true, signatureValidity: false }],
  ['clock', { vectorClock: { n: 0 } }, { chainIntegrity: false, causalConsistency: false }],
]

test.each(forgeries)('finds a forged %s', async (_name, forgery, verdict) => {
  await append('a')
  await append('b')
  await append('c')
  const records = ledger.chains.get('e')?.records ?? []
  const [, forged] = records
  if (forged !== undefined) records[1] = { ...forged, ...forgery }
  expect(await ledger.validateLedger('e', { full: true })).toMatchObject({
    isValid: false,
    ...verdict,
  })
})
