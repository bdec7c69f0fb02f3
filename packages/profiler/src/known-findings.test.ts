import type { Finding } from '@qflow-otel/analyzer'
import { expect, test } from 'vitest'
import { bottleneck } from './fixtures/written-analyzer.ts'
import { KnownFindings, MAX_KNOWN_FINDINGS, MAX_RESOLVED_FINDINGS } from './known-findings.ts'

const open = (id: number): Finding => ({ ...bottleneck, id: String(id) })
const resolved = (id: number): Finding => ({ ...open(id), state: 'resolved' })

test('keeps the last state of each finding', () => {
  const findings = new KnownFindings()
  findings.apply([
    { change: 'opened', finding: open(1) },
    { change: 'opened', finding: open(2) },
  ])
  findings.apply([{ change: 'resolved', finding: resolved(1) }])
  expect(findings.values()).toEqual([open(2), resolved(1)])
})

test('is bounded, and counts the open findings it forgot', () => {
  const findings = new KnownFindings()
  for (let id = 0; id < MAX_KNOWN_FINDINGS + 3; id += 1) {
    findings.apply([{ change: 'opened', finding: open(id) }])
  }
  expect(findings.values()).toHaveLength(MAX_KNOWN_FINDINGS)
  expect(findings.forgottenOpenCount).toBe(3)
  expect(findings.values()[0]?.id).toBe('3')
  for (let id = 0; id < MAX_RESOLVED_FINDINGS + 9; id += 1) {
    findings.apply([{ change: 'resolved', finding: resolved(id) }])
  }
  expect(findings.values().filter(({ state }) => state === 'resolved')).toHaveLength(
    MAX_RESOLVED_FINDINGS,
  )
  expect(findings.forgottenOpenCount).toBe(3)
})
