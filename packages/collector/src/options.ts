import type { AnalyzerChange } from '@qflow-otel/analyzer'
import type { Clock } from './clock.ts'
import type { CollectorSettings } from './config.ts'

/** Settings, each with a default, and what a test puts in place of the machine. */
export interface CollectorOptions extends Partial<CollectorSettings> {
  /** Gets what an operator should know, in sentences; nothing is printed here. */
  readonly onMessage?: (message: CollectorMessage) => void
  /** Gets every change in the lives of findings as it happens, those of closing included. */
  readonly onFindings?: (changes: readonly AnalyzerChange[]) => void
  readonly clock?: Clock
  /** Yields [0, 1); spreads retries. */
  readonly random?: () => number
  /** Where the built page lies. */
  readonly pageDirectory?: string
}

export interface CollectorMessage {
  readonly level: 'info' | 'warn' | 'error'
  readonly text: string
}
