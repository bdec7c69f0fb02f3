import { createAnalyzer } from '../../src/create-analyzer.ts'
import { TracesDecoder } from '../../src/otlp/traces-decoder.ts'
import { median } from '../../src/stats/median-change.ts'
import { randomStream } from '../../src/stats/random-stream.ts'
import { bodiesOf, SECOND_NS, START_UNIX_NS } from './shop-bodies.ts'

/**
 * Spans to findings in memory with detection, as a share of the rate without: the spans of one flow through both, second by
 * second and in turn, so that whatever else the machine does slows both.
 */
export function detectionRatio(warmUpSeconds: number, measuredSeconds: number): number {
  const [on, off] = [true, false].map((enableDetection) => createAnalyzer({ enableDetection }))
  const decoder = new TracesDecoder()
  const random = randomStream(1)
  const ratios: number[] = []
  for (let second = 0; second < warmUpSeconds + measuredSeconds; second += 1) {
    const nowUnixNs = START_UNIX_NS + BigInt(second + 1) * SECOND_NS
    const bodies = bodiesOf(second, 1, random)
    const microsOf = (analyzer: typeof on) => {
      const batches = bodies.map((body) => decoder.batch(body).spans)
      const before = process.cpuUsage()
      for (const spans of batches) analyzer?.ingest(spans, { nowUnixNs })
      analyzer?.advance(nowUnixNs)
      const { user, system } = process.cpuUsage(before)
      return user + system
    }
    const isOnFirst = second % 2 === 0
    const first = microsOf(isOnFirst ? on : off)
    const then = microsOf(isOnFirst ? off : on)
    if (second >= warmUpSeconds) ratios.push(isOnFirst ? then / first : first / then)
  }
  return median(ratios)
}
