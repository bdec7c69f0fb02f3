import type { Regression } from '../../detect/finding.ts'
import type { AlertCause } from './alert.ts'
import { causeWords } from './shared-cause.ts'

/** Flows that a sentence names; more are counted. */
const MAX_NAMED_COUNT = 3

/** `dependency POST payments.example: checkout is 110 % slower … since 00:38:26 UTC; also refund and 2 more flows` */
export function alertSentence(
  cause: AlertCause,
  gravest: Regression,
  flowIds: readonly string[],
): string {
  const others = flowIds.filter((id) => id !== gravest.place.flowId)
  return `${causeWords(cause)}: ${gravest.sentence}${othersWords(others)}`
}

function othersWords(flowIds: readonly string[]): string {
  if (flowIds.length === 0) return ''
  const named = flowIds.slice(0, MAX_NAMED_COUNT).join(', ')
  const restCount = flowIds.length - MAX_NAMED_COUNT
  if (restCount <= 0) return `; also ${named}`
  return `; also ${named} and ${restCount} more ${restCount === 1 ? 'flow' : 'flows'}`
}
