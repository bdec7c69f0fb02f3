import { type Comparison, isRight } from './compare.ts'
import type { Delay } from './workload.ts'

/** In markdown, a row for each workload; gains in percent, errors in percentage points. */
export function comparisonTable(comparisons: readonly Comparison[]): string {
  const head = ['no.', 'shape', 'delay in', 'mean ms', 'share', 'predicted', 'measured', 'off by']
  const rows = comparisons.map((comparison) => {
    const { workload, predictedGain, measuredGain, shareGain, meanMs } = comparison
    const offBy = (100 * (predictedGain - measuredGain)).toFixed(2)
    return [
      String(workload.seed),
      workload.shape,
      placeName(workload.delay),
      meanMs.toFixed(0),
      percent(shareGain),
      percent(predictedGain),
      percent(measuredGain),
      isRight(comparison) ? offBy : `**${offBy}**`,
    ]
  })
  return [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')
}

function percent(ratio: number): string {
  return `${(100 * ratio).toFixed(1)} %`
}

function placeName(delay: Delay): string {
  const what = 'phase' in delay ? delay.phase : delay.spanName
  const where = delay.stepId === undefined ? what : `${delay.stepId} ${what}`
  return delay.ratio === 1 ? where : `${where}, ${delay.ratio} of it`
}
