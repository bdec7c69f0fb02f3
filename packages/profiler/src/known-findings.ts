import type { AnalyzerChange, Finding } from '@qflow-otel/analyzer'

/** Open findings whose state the metrics show: ten times the series that a metric may have. */
export const MAX_KNOWN_FINDINGS = 10_000

/** Resolved findings still shown, so that their series read 0 and not their last value: as many as a metric has series. */
export const MAX_RESOLVED_FINDINGS = 1_000

/** The last state of each finding, from the changes. At a bound the one that changed longest ago goes. */
export class KnownFindings {
  readonly #open = new Map<string, Finding>()
  readonly #resolved = new Map<string, Finding>()
  #forgottenOpenCount = 0

  /** Alerts are no series: they are told as events. */
  apply(changes: readonly AnalyzerChange[]): void {
    for (const { finding } of changes) if (finding.kind !== 'alert') this.#keep(finding)
  }

  values(): readonly Finding[] {
    return [...this.#open.values(), ...this.#resolved.values()]
  }

  /** Open findings that the metrics no longer show. */
  get forgottenOpenCount(): number {
    return this.#forgottenOpenCount
  }

  #keep(finding: Finding): void {
    this.#open.delete(finding.id)
    this.#resolved.delete(finding.id)
    if (finding.state === 'resolved') {
      this.#resolved.set(finding.id, finding)
      forgetOldest(this.#resolved, MAX_RESOLVED_FINDINGS)
      return
    }
    this.#open.set(finding.id, finding)
    if (forgetOldest(this.#open, MAX_KNOWN_FINDINGS)) this.#forgottenOpenCount += 1
  }
}

/** A Map keeps the order of insertion, so its first key is the oldest. */
function forgetOldest(findings: Map<string, Finding>, bound: number): boolean {
  if (findings.size <= bound) return false
  for (const id of findings.keys()) return findings.delete(id)
  return false
}
