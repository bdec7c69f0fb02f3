import type { Execution } from '@qflow-otel/analyzer'
import { problemSentences } from '../input/read-input.ts'
import { usageFailure } from '../option/parse-options.ts'
import { readAllSeries } from '../series/read-all-series.ts'
import { seriesProblems } from '../series/read-series.ts'
import type { Point, SeriesChoice } from '../series/series.ts'
import type { Terminal } from '../terminal.ts'
import { visible } from '../text/visible.ts'
import { addExecution } from './execution-samples.ts'
import { isTraceFile } from './is-trace-file.ts'
import { readExecutions } from './read-executions.ts'
import { SampleSets } from './sample-sets.ts'
import { isWithin, type TimeWindow } from './time-window.ts'

/** Which side something belongs to; neither is none. */
type Side = 'before' | 'after'

/** What is compared with what. */
export type Comparison =
  | { readonly kind: 'files' }
  | { readonly kind: 'versions'; readonly before: string; readonly after: string }
  | { readonly kind: 'windows'; readonly before: TimeWindow; readonly after: TimeWindow }

/** Both sides, whether the values are times, and what could not be used. */
export interface Gathered {
  readonly sets: SampleSets
  /** Absent for values of any unit. */
  readonly unit: 'ms' | undefined
  readonly problems: readonly string[]
  readonly isPartial: boolean
  /** What could have been asked for; absent for series. */
  readonly known?: KnownExecutions | undefined
}

interface KnownExecutions {
  readonly flowIds: ReadonlySet<string>
  /** Of the flow that was asked for, or of all. */
  readonly versions: ReadonlySet<string>
}

/** Who mistyped a name is offered some of those that there are. */
const MAX_KNOWN_COUNT = 1_000

/** What is to be compared, and within what memory. */
export interface GatherRequest {
  readonly files: readonly string[]
  readonly comparison: Comparison
  readonly flowId: string | undefined
  readonly choice: SeriesChoice
  readonly memoryBudgetBytes: number
  readonly terminal: Terminal
}

/** Reads what is compared from files. Throws `Failure` where they do not fit the comparison. */
export async function gather(request: GatherRequest): Promise<Gathered> {
  const kinds = await Promise.all(request.files.map((file) => isTraceFile(file)))
  if (new Set(kinds).size > 1) {
    const names = request.files.map((file) => visible(file)).join(' and ')
    throw usageFailure('compare', `${names}: one holds traces, the other series of numbers`)
  }
  return kinds[0] === true ? gatherTraces(request) : gatherSeries(request)
}

async function gatherTraces(request: GatherRequest): Promise<Gathered> {
  const { files, comparison, flowId } = request
  const sets = new SampleSets()
  const flowIds = new Set<string>()
  const versions = new Set<string>()
  const read = (some: readonly string[], sideOf: (execution: Execution) => Side | undefined) =>
    readExecutions(some, {
      ...request,
      take: (execution) => {
        const isAsked = flowId === undefined || execution.flowId === flowId
        if (isAsked || flowIds.size < MAX_KNOWN_COUNT) flowIds.add(execution.flowId)
        if (!isAsked) return
        const { flowVersion } = execution
        if (flowVersion !== undefined && versions.size < MAX_KNOWN_COUNT) versions.add(flowVersion)
        const side = sideOf(execution)
        if (side !== undefined) addExecution(sets, side, execution)
      },
    })
  const inputs =
    comparison.kind === 'files'
      ? [
          ...(await read(files.slice(0, 1), () => 'before')),
          ...(await read(files.slice(1), () => 'after')),
        ]
      : await read(files, (execution) => sideOfExecution(comparison, execution))
  const isPartial = inputs.some(({ problemCount }) => problemCount > 0)
  return {
    sets,
    unit: 'ms',
    problems: inputs.flatMap(problemSentences),
    isPartial,
    known: { flowIds, versions },
  }
}

/** Which side a version or a time belongs to. */
export function sideOfExecution(
  comparison: Exclude<Comparison, { kind: 'files' }>,
  { flowVersion, startUnixNs }: Pick<Execution, 'flowVersion' | 'startUnixNs'>,
): Side | undefined {
  if (comparison.kind === 'windows') return sideOfTime(comparison, Number(startUnixNs / 1_000_000n))
  if (flowVersion === comparison.before) return 'before'
  return flowVersion === comparison.after ? 'after' : undefined
}

async function gatherSeries(request: GatherRequest): Promise<Gathered> {
  const { files, comparison, choice, terminal, flowId } = request
  if (comparison.kind === 'versions' || flowId !== undefined)
    throw usageFailure('compare', '--flow and --versions are of trace files')
  const sets = new SampleSets()
  const read = async (file: string, sideOf: (point: Point) => Side | undefined) => {
    const { inputs, series } = await readAllSeries([file], { stdin: terminal.stdin, choice })
    for (const one of series) {
      for (const point of one.points) {
        const side = sideOf(point)
        if (side !== undefined && Number.isFinite(point.value))
          sets.add(side, one.name, point.value)
      }
    }
    return inputs
  }
  const inputs = []
  for (const [at, file] of files.entries()) {
    const sideOf = ({ time }: Point) =>
      comparison.kind === 'windows' ? sideOfTime(comparison, time?.unixMs ?? Number.NaN) : undefined
    const ofFile = at === 0 ? ('before' as const) : ('after' as const)
    inputs.push(...(await read(file, comparison.kind === 'files' ? () => ofFile : sideOf)))
  }
  if (comparison.kind === 'files') sets.nameOnly(ONLY)
  const isPartial = inputs.some(({ problemCount, leftOutCount }) => problemCount + leftOutCount > 0)
  return { sets, unit: undefined, problems: inputs.flatMap(seriesProblems), isPartial }
}

/** What the only series of a file is called when it is compared with the only one of another that has another name. */
const ONLY = 'value'

function sideOfTime(
  { before, after }: { readonly before: TimeWindow; readonly after: TimeWindow },
  unixMs: number,
): Side | undefined {
  if (isWithin(before, unixMs)) return 'before'
  return isWithin(after, unixMs) ? 'after' : undefined
}
