import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Ajv } from 'ajv'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { criticalPath } from '../path/critical-path.ts'
import { drawnExecution, generatedExecution } from '../path/generated-execution.ts'
import { buildExecution } from '../trace/build-execution.ts'
import type { Execution } from '../trace/execution.ts'
import { type SpeedscopeFile, speedscopeFile } from './speedscope.ts'

const schemaFile = createRequire(import.meta.url).resolve(
  'speedscope/dist/release/file-format-schema.json',
)
/** The schema that speedscope itself publishes. */
const isOfSchema = new Ajv().compile(JSON.parse(readFileSync(schemaFile, 'utf8')))

const fileOf = (executions: readonly Execution[]): SpeedscopeFile =>
  speedscopeFile(executions, { name: 'traces', exporter: 'test' }).file

const drawn = drawnExecution(`
      flow        ==========
        step.a     ===
        step.b     =====
          GET       ==
          audit      ======`)

test('golden', async () => {
  const text = `${JSON.stringify(fileOf([drawn]), undefined, 1)}\n`
  await expect(text).toMatchFileSnapshot('golden/speedscope.json')
})

test('stacks of the critical path and of the lanes', () => {
  const { profiles, shared } = fileOf([drawn])
  const show = (profile: (typeof profiles)[number]) => [
    profile.name,
    profile.events
      .map(({ type, frame, at }) => `${at}${type === 'O' ? '(' : ')'}${shared.frames[frame]?.name}`)
      .join(' ')
      .replaceAll(/execute_(step )?/g, ''),
  ]
  expect(profiles.map(show)).toEqual([
    ['f e: critical path', '0(flow f 1(b 3(audit 6)audit 6)b 10)flow f'],
    ['f e: spans', '0(flow f 1(b 2(GET 4)GET 6)b 10)flow f'],
    ['f e: beside, lane 1', '1(a 4)a'],
    ['f e: beside, lane 2', '3(audit 9)audit'],
  ])
})

test('2,000 generated executions: valid, bracketed, every span with its times, the path adds up', () => {
  fc.assert(
    fc.property(generatedExecution, (records) => {
      const execution = buildExecution({ tenant: 't', executionId: 'e', records })
      const file = fileOf([execution])
      expect(isOfSchema(file), JSON.stringify(isOfSchema.errors)).toBe(true)
      const [path, ...lanes] = file.profiles.map((profile) => replayed(profile, file))
      const byText = (texts: readonly string[]) => texts.toSorted()
      expect(byText(lanes.flatMap((lane) => lane?.spans ?? []))).toEqual(
        byText(execution.spans.map(({ name, startNs, endNs }) => `${name} ${startNs}-${endNs}`)),
      )
      const waited = criticalPath(execution).filter(({ spanIndex }) => spanIndex !== undefined)
      const ns = waited.reduce((sum, { startNs, endNs }) => sum + endNs - startNs, 0)
      expect(path?.busyNs).toBe(ns)
    }),
    { numRuns: 2_000, seed: 20261101 },
  )
})

/** As speedscope reads a profile: throws where an event goes back in time or closes what is not on top. */
function replayed(
  profile: SpeedscopeFile['profiles'][number],
  { shared }: SpeedscopeFile,
): { spans: string[]; busyNs: number } {
  const open: { frame: number; at: number }[] = []
  const spans: string[] = []
  let lastAt = profile.startValue
  let busyNs = 0
  for (const { type, frame, at } of profile.events) {
    if (at < lastAt || at > profile.endValue) throw new Error(`${at} is out of order`)
    if (open.length > 0) busyNs += at - lastAt
    lastAt = at
    if (type === 'O') {
      open.push({ frame, at })
      continue
    }
    const top = open.pop()
    if (top?.frame !== frame) throw new Error(`${frame} is closed, ${top?.frame} is open`)
    spans.push(`${shared.frames[frame]?.name} ${top.at}-${at}`)
  }
  if (open.length > 0) throw new Error('a frame is left open')
  return { spans, busyNs }
}
