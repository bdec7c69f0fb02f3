import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { registry } from '@qflow-otel/semconv'
import { expect, test } from 'vitest'

const story = fileURLToPath(new URL('engine-story.mjs', import.meta.url))

test('a slow step of the engine becomes a bottleneck event in the same process', () => {
  const { events, report, whileRunning } = tell()
  const effectOf = ({ attributes }: Told['events'][number]) =>
    Number(attributes['qflow.finding.effect.ratio'])
  const [largest] = events
    .filter(({ eventName }) => eventName === 'qflow.bottleneck.opened')
    .sort((a, b) => effectOf(b) - effectOf(a))
  expect(largest?.attributes).toMatchObject({
    'qflow.flow.id': 'payment',
    'qflow.step.id': 'charge',
    'qflow.phase': 'work',
  })
  expect(largest?.body).toContain('charge')
  for (const { eventName, attributes } of events) {
    expect(registry.events[eventName]?.attributes).toEqual(
      expect.arrayContaining(Object.keys(attributes)),
    )
  }

  expect(whileRunning).toBeGreaterThan(0)
  expect(report.flows).toEqual([
    expect.objectContaining({ flowId: 'payment', executionCount: 60, failedCount: 0 }),
  ])
  expect(report.losses).toMatchObject({ closedExecutions: { root_ended: 60 }, faults: {} })
})

interface Told {
  readonly events: readonly {
    readonly eventName: string
    readonly attributes: Readonly<Record<string, unknown>>
    readonly body: string
  }[]
  readonly whileRunning: number
  readonly report: { readonly flows: readonly unknown[]; readonly losses: unknown }
}

function tell(): Told {
  return JSON.parse(execFileSync(process.execPath, [story], { encoding: 'utf8' }))
}
