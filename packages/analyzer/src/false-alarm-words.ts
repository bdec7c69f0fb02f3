import type { Estimate } from './detect/finding.ts'

/** A rate that people can compare: most are far below one in a hundred. */
const PER_COUNT = 10_000

/**
 * `measured 0.4 [0.1–1.2] per 10,000 executions (100,000 replayed), promised 1; 2 called false by users`: what is known of
 * the detector's false alarms, in half a sentence.
 */
export function falseAlarmWords(known: {
  readonly budgetExecutions: number
  readonly replayed?: Estimate | undefined
  readonly falsePositiveCount: number
}): string {
  const { budgetExecutions, replayed, falsePositiveCount } = known
  const promised = figure(PER_COUNT / budgetExecutions)
  const verdicts = falsePositiveCount === 0 ? '' : `; ${falsePositiveCount} called false by users`
  if (replayed === undefined)
    return `not measured yet, promised ${promised} per 10,000 executions${verdicts}`
  const { value, low, high, n } = replayed
  const interval = `${scaled(value)} [${scaled(low)}–${scaled(high)}]`
  const count = n.toLocaleString('en')
  return `measured ${interval} per 10,000 executions (${count} replayed), promised ${promised}${verdicts}`
}

function scaled(rate: number): string {
  return figure(rate * PER_COUNT)
}

/** Two figures: no such rate is known better. */
function figure(value: number): string {
  return String(Number(value.toPrecision(2)))
}
