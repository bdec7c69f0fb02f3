import { canonicalJson, equalHex, hmacSha256, sha256 } from '../crypto/Canonical.ts'
import { type KeyRing, keyRing } from '../crypto/KeyRing.ts'
import { type QflowEventEmitter, qflowEventEmitter } from '../events/EventEmitter.ts'
import { isoTime, type Runtime, resolveRuntime } from './Runtime.ts'

/** What happened, as the engine tells it. */
export interface LedgerEntry {
  readonly execId: string
  readonly stepId: string
  readonly payloadCID: string
  readonly actor: string
  readonly nodeId: string
  readonly timestamp: string
}

/** An entry in its chain. */
export interface ExecutionRecord extends LedgerEntry {
  /** Hash of the record before it in this execution; empty for the first. */
  readonly prevHash: string
  readonly vectorClock: Readonly<Record<string, number>>
  readonly recordHash: string
  readonly signature: string
}

/** What a check found; valid when all three kinds of check passed. */
export interface LedgerValidation {
  readonly isValid: boolean
  readonly errors: readonly string[]
  readonly warnings: readonly string[]
  readonly chainIntegrity: boolean
  readonly signatureValidity: boolean
  readonly causalConsistency: boolean
}

interface Chain {
  readonly records: ExecutionRecord[]
  /** Records before this index have been found right. */
  validatedCount: number
}

/** Clock, ids, bus and keys; those of the process when left out. */
export interface LedgerOptions extends Partial<Runtime> {
  readonly events?: QflowEventEmitter
  readonly keys?: KeyRing
}

/** A hash chain of signed records for each execution. */
export class ExecutionLedger {
  readonly chains = new Map<string, Chain>()
  readonly clocks = new Map<string, number>()
  readonly runtime: Runtime
  readonly events: QflowEventEmitter
  readonly keys: KeyRing
  initialized = false

  constructor(options: LedgerOptions = {}) {
    this.runtime = resolveRuntime(options)
    this.events = options.events ?? qflowEventEmitter
    this.keys = options.keys ?? keyRing
  }

  async initialize(): Promise<void> {
    if (this.initialized) return
    this.initialized = true
    this.events.emit('q.qflow.ledger.initialized.v1', { timestamp: isoTime(this.runtime.clock) })
  }

  async appendRecord(entry: LedgerEntry): Promise<ExecutionRecord> {
    if (!this.initialized) throw new Error('Execution ledger is not initialized')
    const chain = this.chainOf(entry.execId)
    const prevHash = chain.records.at(-1)?.recordHash ?? ''
    const unsigned = {
      ...entry,
      prevHash,
      vectorClock: this.updateVectorClock(entry.nodeId, chain),
    }
    const recordHash = this.calculateRecordHash(unsigned)
    const record = { ...unsigned, recordHash, signature: this.signRecord(recordHash) }
    chain.records.push(record)
    this.events.emit('q.qflow.ledger.record.appended.v1', {
      execId: entry.execId,
      stepId: entry.stepId,
      recordHash,
      index: chain.records.length - 1,
      nodeId: entry.nodeId,
      timestamp: isoTime(this.runtime.clock),
    })
    return record
  }

  /**
   * Checks hash, chain, signature and clock of each record. Only those appended since the last check that found all
   * right, so that the cost of a step does not grow with the flow; `full` starts over. O(records checked).
   */
  async validateLedger(
    execId: string,
    options: { readonly full?: boolean } = {},
  ): Promise<LedgerValidation> {
    const chain = this.chains.get(execId)
    const faults = { chain: [] as string[], signature: [] as string[], causality: [] as string[] }
    const first = options.full === true ? 0 : (chain?.validatedCount ?? 0)
    const records = chain?.records ?? []
    for (let index = first; index < records.length; index++) {
      const record = records[index]
      if (record === undefined) continue
      const before = records[index - 1]
      const { recordHash, signature, ...unsigned } = record
      if (this.calculateRecordHash(unsigned) !== recordHash)
        faults.chain.push(`record ${index}: hash`)
      if (unsigned.prevHash !== (before?.recordHash ?? ''))
        faults.chain.push(`record ${index}: link`)
      if (!equalHex(signature, this.signRecord(recordHash)))
        faults.signature.push(`record ${index}: signature`)
      if (!this.isCausallyConsistent(before, record))
        faults.causality.push(`record ${index}: clock`)
    }
    const errors = [...faults.chain, ...faults.signature, ...faults.causality]
    if (chain !== undefined && errors.length === 0) chain.validatedCount = records.length
    return {
      isValid: errors.length === 0,
      errors,
      warnings: chain === undefined ? [`no records of ${execId}`] : [],
      chainIntegrity: faults.chain.length === 0,
      signatureValidity: faults.signature.length === 0,
      causalConsistency: faults.causality.length === 0,
    }
  }

  getExecutionRecords(execId: string): readonly ExecutionRecord[] {
    return this.chains.get(execId)?.records ?? []
  }

  getStatistics(): { readonly executions: number; readonly records: number } {
    const lengths = [...this.chains.values()].map((chain) => chain.records.length)
    return { executions: lengths.length, records: lengths.reduce((sum, length) => sum + length, 0) }
  }

  exportLedger(execId: string): string {
    return JSON.stringify(this.getExecutionRecords(execId))
  }

  /** Forgets an execution; the engine calls it for those it evicts. */
  forgetExecution(execId: string): void {
    this.chains.delete(execId)
  }

  calculateRecordHash(unsigned: Omit<ExecutionRecord, 'recordHash' | 'signature'>): string {
    return sha256(canonicalJson(unsigned))
  }

  signRecord(recordHash: string): string {
    return hmacSha256(this.keys.currentKey(), recordHash)
  }

  updateVectorClock(nodeId: string, chain: Chain): Record<string, number> {
    const tick = (this.clocks.get(nodeId) ?? 0) + 1
    this.clocks.set(nodeId, tick)
    return { ...chain.records.at(-1)?.vectorClock, [nodeId]: tick }
  }

  /** A record happened after the one before it: no component went back and one went on. */
  isCausallyConsistent(before: ExecutionRecord | undefined, record: ExecutionRecord): boolean {
    if (before === undefined) return true
    const nodes = Object.keys({ ...before.vectorClock, ...record.vectorClock })
    const steps = nodes.map(
      (node) => (record.vectorClock[node] ?? 0) - (before.vectorClock[node] ?? 0),
    )
    return steps.every((step) => step >= 0) && steps.some((step) => step > 0)
  }

  private chainOf(execId: string): Chain {
    const known = this.chains.get(execId)
    if (known !== undefined) return known
    const chain: Chain = { records: [], validatedCount: 0 }
    this.chains.set(execId, chain)
    return chain
  }
}

/** The ledger of the process. */
export const executionLedger: ExecutionLedger = new ExecutionLedger()
