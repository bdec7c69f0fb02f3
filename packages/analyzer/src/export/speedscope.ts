import { criticalPath } from '../path/critical-path.ts'
import type { Execution, ExecutionSpan } from '../trace/execution.ts'
import { lanesOf } from './lanes.ts'
import { laneEvents, pathEvents, type StackEvent } from './stack-events.ts'

/** Source: https://www.speedscope.app/file-format-schema.json, of which `evented` profiles in ns are written. */
export interface SpeedscopeFile {
  readonly $schema: 'https://www.speedscope.app/file-format-schema.json'
  readonly name: string
  readonly exporter: string
  readonly activeProfileIndex: number
  readonly shared: { readonly frames: readonly SpeedscopeFrame[] }
  readonly profiles: readonly SpeedscopeProfile[]
}

interface SpeedscopeFrame {
  readonly name: string
  /** The service: speedscope colours frames by it. */
  readonly file?: string
}

/** Times are ns after the execution's start. */
interface SpeedscopeProfile {
  readonly type: 'evented'
  readonly name: string
  readonly unit: 'nanoseconds'
  readonly startValue: number
  readonly endValue: number
  readonly events: readonly {
    readonly type: 'O' | 'C'
    readonly frame: number
    readonly at: number
  }[]
}

/**
 * Per execution a profile of its critical path, one of its spans, and one for each further lane of spans that overlap
 * their siblings or outlive their parents, since a stack cannot hold two things side by side. Every span is in exactly
 * one lane with its exact times, unless counted as unplaced. Attributes, ids and links have no place in the format.
 */
export function speedscopeFile(
  executions: readonly Execution[],
  { name, exporter }: { name: string; exporter: string },
): { file: SpeedscopeFile; unplacedSpanCount: number } {
  const frames = new Frames()
  let unplacedSpanCount = 0
  const profiles = executions.flatMap((execution) => {
    const path = criticalPath(execution)
    const lanes = lanesOf(execution, path)
    unplacedSpanCount += lanes.unplacedSpanCount
    const { spans } = execution
    const title = `${execution.flowId} ${execution.executionId}`
    return [
      { name: `${title}: critical path`, events: pathEvents(path, spans) },
      ...lanes.lanes.map((lane, index) => ({
        name: index === 0 ? `${title}: spans` : `${title}: beside, lane ${index}`,
        events: laneEvents(lane, spans),
      })),
    ].map((profile) => evented(profile, execution, frames))
  })
  return {
    file: {
      $schema: 'https://www.speedscope.app/file-format-schema.json',
      name,
      exporter,
      activeProfileIndex: 0,
      shared: { frames: frames.all },
      profiles,
    },
    unplacedSpanCount,
  }
}

function evented(
  { name, events }: { name: string; events: readonly StackEvent[] },
  { spans, durationNs }: Execution,
  frames: Frames,
): SpeedscopeProfile {
  return {
    type: 'evented',
    name,
    unit: 'nanoseconds',
    startValue: 0,
    endValue: Math.max(durationNs, events.at(-1)?.atNs ?? 0),
    events: events.map(({ kind, row, atNs }) => ({
      type: kind === 'open' ? 'O' : 'C',
      frame: frames.indexOf(spans[row]),
      at: atNs,
    })),
  }
}

/** Spans of one name in one service are one frame, so that speedscope can add them up. */
class Frames {
  readonly all: SpeedscopeFrame[] = []
  readonly #indexByKey = new Map<string, number>()

  indexOf(span: ExecutionSpan | undefined): number {
    const { name = '', serviceName } = span ?? {}
    const key = JSON.stringify([name, serviceName])
    const known = this.#indexByKey.get(key)
    if (known !== undefined) return known
    const index =
      this.all.push({ name, ...(serviceName !== undefined && { file: serviceName }) }) - 1
    this.#indexByKey.set(key, index)
    return index
  }
}
