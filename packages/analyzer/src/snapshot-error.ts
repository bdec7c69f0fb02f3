import { shown } from './otlp/json-shape.ts'

/** A snapshot that cannot be used: where, what was expected and what was found. Nothing of it was taken. */
export class SnapshotError extends Error {
  override readonly name = 'SnapshotError'
  /** `version`, `flows`, `flows[3].history`; empty for the whole. */
  readonly at: string
  readonly expected: string
  readonly found: string

  constructor(at: string, expected: string, value: unknown) {
    const found = shown(value)
    super(`expected ${expected}, found ${found}${at === '' ? '' : ` at ${at}`}`)
    this.at = at
    this.expected = expected
    this.found = found
  }
}
