import { pathSample } from './baseline/path-samples.ts'
import type { FlowState } from './flow-state.ts'
import type { SlackReport } from './report.ts'
import { summarizeQuantiles } from './stats/quantile-interval.ts'
import { shareInterval } from './stats/share-interval.ts'
import { emptySketch, insert, type Sketch } from './stats/sketch.ts'

/** The slack of each step's runs in the sampled executions of the present level. */
export function slackReports({ watch, samples }: FlowState): ReadonlyMap<string, SlackReport> {
  const sketches = new Map<string, Sketch>()
  for (const one of samples) {
    if (one.sequence < watch.detector.baselineStart) continue
    for (const { stepId, ms } of pathSample(one).slacks) {
      const sketch = sketches.get(stepId) ?? emptySketch()
      sketches.set(stepId, sketch)
      insert(sketch, ms)
    }
  }
  const reports = [...sketches].flatMap(([stepId, sketch]) => {
    const onPath = shareInterval(sketch.zeroCount, sketch.count)
    if (onPath === undefined) return []
    return [[stepId, { onPath, quantilesMs: summarizeQuantiles(sketch) }] as const]
  })
  return new Map(reports)
}
