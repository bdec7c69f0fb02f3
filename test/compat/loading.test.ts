import { describe, expect, test } from 'vitest'
import { loadingRows, type Outcome } from './loading-rows.ts'
import type { SunkSpan } from './otlp-sink.ts'
import { type LegResult, runLeg } from './project.ts'

describe.each([
  ['current', 'on20'],
  ['24', 'on24'],
] as const)('Node %s', (node, key) => {
  test.concurrent.each(loadingRows)('$name', async (one) => {
    const { app, layout, flags } = one
    const result = await runLeg({ node, sdk: '2.x', layout, flags, app })
    expect(outcomeOf(result), result.output).toBe(one[key])
    expect(result.exit).toBe('SIGTERM')
    if (one[key] === 'nothing') expect(result.output).toContain('instrumentQflow(')
  })
})

function outcomeOf({ sink }: LegResult): Outcome | string {
  const { spans } = sink
  if (spans.length === 0) return 'nothing'
  const flow = spans.find((span) => span.name === 'execute_flow f')
  const steps = spans.filter((span) => span.name.startsWith('execute_step'))
  if (steps.map((step) => step.name).join() !== 'execute_step a,execute_step b') {
    return `spans: ${spans.map((span) => span.name).join()}`
  }
  if (!steps.every((step) => step.parentSpanId === flow?.spanId)) return 'steps outside their flow'
  const missing = steps.flatMap(missingPhases)
  if (missing.length > 0) return `missing phases: ${missing.join()}`
  const counts = ['ledger append', 'ledger validate', 'check dao', 'check billing'].map(
    (name) => spans.filter((span) => span.name === name).length,
  )
  const outcomes: Readonly<Record<string, Outcome>> = {
    '2,2,2,1': 'complete',
    '2,2,0,1': 'without DAO checks',
  }
  return outcomes[counts.join()] ?? `ledger append and validate, check dao and billing: ${counts}`
}

function missingPhases({ attributes }: SunkSpan): string[] {
  const missing = attributes['qflow.step.phases.missing']
  return missing === undefined ? [] : [JSON.stringify(missing)]
}
