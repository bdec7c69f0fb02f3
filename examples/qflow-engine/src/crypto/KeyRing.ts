import { randomBytes } from 'node:crypto'

/** The keys that sign flow definitions, cache entries and ledger records. */
export class KeyRing {
  readonly keys = new Map<string, Buffer>()
  readonly currentId: string

  constructor(currentId = 'flow-signing', key: Buffer = randomBytes(32)) {
    this.currentId = currentId
    this.keys.set(currentId, key)
  }

  key(keyId: string): Buffer | undefined {
    return this.keys.get(keyId)
  }

  currentKey(): Buffer {
    const key = this.keys.get(this.currentId)
    if (key === undefined) throw new Error(`Key ${this.currentId} was removed from its ring`)
    return key
  }
}

/** One random key per process: nothing that it signed outlives the process. */
export const keyRing: KeyRing = new KeyRing()
