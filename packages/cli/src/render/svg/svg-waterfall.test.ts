import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { DrawnExecution } from '../drawn-execution.ts'
import { sampleExecution } from '../sample-execution.ts'
import { axisTicksNs, tickText } from './axis.ts'
import { svgWaterfall } from './svg-waterfall.ts'

test('golden', async () => {
  const svg = svgWaterfall(sampleExecution)
  await expect(svg).toMatchFileSnapshot('golden/execution.svg')
  expect(tagsOf(svg)).toContain('desc')
})

test('a name is text, whatever it says', () => {
  const name = '<script>alert("1")</script>&amp;\u202e\x1b[2J\ufffe'
  const svg = svgWaterfall(named(name))
  expect(tagsOf(svg)).not.toContain('script')
  expect(svg).toContain(
    '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;amp;\\u{202e}\\x1b[2J\ufffd',
  )
})

test('well-formed with any text and any times', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
    fc.constantFrom(']]>', '<!--', '"/>', '&#0;', '%', 'url(#names)'),
  )
  const time = fc.oneof(fc.nat(), fc.constantFrom(0, Number.MAX_SAFE_INTEGER))
  fc.assert(
    fc.property(text, time, time, (name, startNs, endNs) => {
      const svg = svgWaterfall(named(name, { startNs, endNs: Math.max(startNs, endNs) }))
      tagsOf(svg)
      expect(svg).not.toMatch(/NaN|Infinity|undefined/)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: their absence is what is tested
      expect(svg).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\ufffe\uffff]/)
    }),
    { numRuns: 500, seed: 20261101 },
  )
})

test('very many spans and segments: the rows are bounded, and so is the file', () => {
  const [root, leaf] = sampleExecution.execution.spans
  if (root === undefined || leaf === undefined) throw new Error('the sample has spans')
  const at = (index: number) => ({ startNs: index * 100, endNs: index * 100 + 90 })
  const leaves = Array.from({ length: 20_000 }, (_, index) => ({ ...leaf, ...at(index) }))
  const durationNs = 20_000 * 100
  const spans = [{ ...root, startNs: 0, endNs: durationNs }, ...leaves]
  const segment = { spanId: undefined, stepId: undefined, phase: undefined }
  const path = leaves.flatMap((_, index) => [
    { ...segment, spanIndex: index + 1, ...at(index) },
    { ...segment, spanIndex: 0, startNs: index * 100 + 90, endNs: index * 100 + 100 },
  ])
  const execution = { ...sampleExecution.execution, spans, durationNs, spanCount: spans.length }
  const svg = svgWaterfall({ execution, path })
  expect(svg).toContain('… 19,941 shorter spans not drawn')
  expect(svg.length).toBeLessThan(300_000)
})

test('an execution that takes no time', () => {
  const [root] = sampleExecution.execution.spans
  if (root === undefined) throw new Error('the sample has spans')
  const spans = [{ ...root, startNs: 0, endNs: 0 }]
  const execution = { ...sampleExecution.execution, spans, durationNs: 0, spanCount: 1 }
  expect(() => tagsOf(svgWaterfall({ execution, path: [] }))).not.toThrow()
})

test.each([
  [182e6, '0, 20 ms, 40 ms, 60 ms, 80 ms, 100 ms, 120 ms, 140 ms, 160 ms, 180 ms'],
  [7, '0, 1 ns, 2 ns, 3 ns, 4 ns, 5 ns, 6 ns, 7 ns'],
  [1.2e6, '0, 0.2 ms, 0.4 ms, 0.6 ms, 0.8 ms, 1 ms, 1.2 ms'],
  [90e9, '0, 10 s, 20 s, 30 s, 40 s, 50 s, 60 s, 70 s, 80 s, 90 s'],
])('an axis of %d ns', (totalNs, ticks) => {
  expect(
    axisTicksNs(totalNs, 10)
      .map((ns) => tickText(ns, totalNs))
      .join(', '),
  ).toBe(ticks)
})

function named(name: string, times = { startNs: 0, endNs: 5_000_000 }): DrawnExecution {
  const [root, ...rest] = sampleExecution.execution.spans
  if (root === undefined) throw new Error('the sample has spans')
  const spans = [{ ...root, ...times, name, serviceName: name }, ...rest]
  const execution = { ...sampleExecution.execution, flowId: name, executionId: name, spans }
  return { ...sampleExecution, execution }
}

/** The names of all elements. Throws where the text is not well-formed: a strict reader of this one dialect. */
function tagsOf(svg: string): string[] {
  const names: string[] = []
  const open: string[] = []
  const rest = svg.replaceAll(
    /<(\/?)([a-zA-Z]+)((?: [a-zA-Z0-9:-]+="[^"<]*")*)(\/?)>/g,
    (_, end: string, name: string, _attributes: string, empty: string) => {
      if (end === '/' && open.pop() !== name) throw new Error(`${name} closes another element`)
      if (end === '') names.push(name)
      if (end === '' && empty === '') open.push(name)
      return ''
    },
  )
  if (/[<>]|&(?!(?:amp|lt|gt|quot|apos);)/.test(rest)) throw new Error('not escaped')
  if (open.length > 0) throw new Error(`${open.join()} stay open`)
  return names
}
