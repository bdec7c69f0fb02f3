/** Hex digits of a threshold, and what all of them can say: more than a double holds exactly. */
const THRESHOLD_DIGITS = 14
const ALL = 2n ** 56n

/**
 * How many executions a sampled one stands for, by its trace state; 1 where nothing says that it was sampled. Absent when it was
 * and nobody knows how: OpenTelemetry's member is there, and no threshold that can be read.
 *
 * Source: OpenTelemetry specification, "TraceState: Probability Sampling": of `th` the digits left out are zeros, and the
 * share that was rejected is the threshold over 2^56.
 */
export function sampledWeight(traceState: string): number | undefined {
  if (traceState === '') return 1
  const member = traceState.split(',').find((one) => one.trim().startsWith('ot='))
  if (member === undefined) return 1
  const fields = member.trim().slice('ot='.length).split(';')
  const threshold = fields.find((field) => field.startsWith('th:'))?.slice('th:'.length)
  if (threshold === undefined || !/^[0-9a-f]{1,14}$/.test(threshold)) return undefined
  const rejected = BigInt(`0x${threshold.padEnd(THRESHOLD_DIGITS, '0')}`)
  return Number(ALL) / Number(ALL - rejected)
}
