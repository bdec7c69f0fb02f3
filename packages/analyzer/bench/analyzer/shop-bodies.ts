import { simulatedBody } from '../../src/simulated-body.ts'
import { shopExecution } from '../../src/simulated-shop.ts'
import type { RandomStream } from '../../src/stats/random-stream.ts'

export const SECOND_NS = 1_000_000_000n
export const START_UNIX_NS = 1_700_000_000_000_000_000n
export const EXECUTIONS_PER_SEC = 100
export const SPANS_PER_SEC = 10 * EXECUTIONS_PER_SEC
const BODIES_PER_SEC = 2
const EXECUTIONS_PER_BODY = EXECUTIONS_PER_SEC / BODIES_PER_SEC

/**
 * The requests of one second as Node hands their bodies over: 500 spans each, executions in turn over the flows. Ten spans an
 * execution, twelve attributes each but for the flow's own.
 */
export function bodiesOf(second: number, flowCount: number, random: RandomStream): Buffer[] {
  return Array.from({ length: BODIES_PER_SEC }, (_, at) => {
    const index = second * BODIES_PER_SEC + at
    const spans = Array.from({ length: EXECUTIONS_PER_BODY }, (_, place) => {
      const execution = index * EXECUTIONS_PER_BODY + place
      const flowId = `order-${execution % flowCount}`
      const bodyNs = BigInt(index) * (SECOND_NS / BigInt(BODIES_PER_SEC))
      const startUnixNs = START_UNIX_NS + bodyNs + BigInt(place) * 8_000_000n
      return shopExecution(random, { index: execution, flowId, startUnixNs })
    })
    return Buffer.concat([simulatedBody(spans.flat())])
  })
}
