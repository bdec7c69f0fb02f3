import type { Mark } from '../baseline/marks.ts'
import type { Cause } from '../detect/cause.ts'
import { msFromNs, offsetNs } from '../time/unix-ns.ts'
import { durationWords } from './words.ts'

/** Who marks by hand does it when something begins or when it is done: a roll-out takes minutes. */
const NEAR_MS = 10 * 60_000

/**
 * `; 1.06 s before it began: "payment client 2.4 rolled out"`: the last mark shortly before a change, by the clock alone. It
 * is no cause, and is not said beside one that differs between the executions.
 */
export function markBeforeWords(
  marks: readonly Mark[],
  { onsetUnixNs, causes }: { readonly onsetUnixNs: bigint; readonly causes: readonly Cause[] },
): string {
  const [main] = causes
  if (main !== undefined && main.kind !== 'place') return ''
  const last = marks.findLast(({ unixNs }) => unixNs <= onsetUnixNs)
  if (last === undefined) return ''
  const beforeMs = msFromNs(offsetNs(onsetUnixNs, last.unixNs))
  return beforeMs > NEAR_MS ? '' : `; ${durationWords(beforeMs)} before it began: "${last.text}"`
}
