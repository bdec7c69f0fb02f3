import { describe, expect, test } from 'vitest'
import { lineWidth } from '../text/line.ts'
import { paint } from '../text/paint.ts'
import { answerLines } from './answer.ts'
import { layoutFor } from './layout.ts'
import { reportLines } from './report.ts'
import { sampleAnswer, sampleExecution } from './sample-execution.ts'
import { sampleReport } from './sample-report.ts'
import { waterfall } from './waterfall.ts'

const typical = ({ flowId }: { flowId: string }) =>
  flowId === sampleExecution.execution.flowId ? sampleExecution : undefined

describe.each([60, 80, 100])('%i columns', (columns) => {
  const layout = layoutFor(columns)
  const drawings = {
    report: reportLines(sampleReport, layout, typical),
    answer: answerLines(sampleAnswer, sampleExecution, layout),
  }

  test.each(Object.entries(drawings))('%s', async (name, lines) => {
    const golden = `golden/${name}-${columns}.txt`
    await expect(paint(lines, { colour: false })).toMatchFileSnapshot(golden)
    expect(lines.filter((line) => lineWidth(line) > columns)).toEqual([])
  })
})

test('with colour, the words are the same', () => {
  const lines = reportLines(sampleReport, layoutFor(80), typical)
  const coloured = paint(lines, { colour: true })
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control sequences
  const withoutColour = coloured.replaceAll(/\x1b\[\d?\d?m/g, '').replaceAll(/ +$/gm, '')
  expect(withoutColour).toBe(paint(lines, { colour: false }))
  expect(withoutColour).not.toContain('\x1b')
})

test('a wide execution is drawn in one screen, ancestors included', () => {
  const { execution } = sampleExecution
  const root = { ...execution.spans[0], spanId: 'root', parentSpanId: undefined, depth: 0 }
  const children = Array.from({ length: 5_000 }, (_, at) => ({
    ...execution.spans[1],
    spanId: `s${at}`,
    parentSpanId: 'root',
    parentRow: 0,
    startNs: at * 1_000,
    endNs: at * 1_000 + at,
    depth: 1,
  }))
  // The spread spans exist in the sample; the compiler cannot see that from an index.
  const spans = [root, ...children] as typeof execution.spans
  const lines = waterfall(
    { ...sampleExecution, execution: { ...execution, spans }, path: [] },
    layoutFor(80),
  )
  expect(lines).toHaveLength(33)
  expect(paint(lines, { colour: false })).toContain('4,971 shorter spans not drawn')
})
