import type { VNode } from 'preact'
import { absentText } from './format.ts'

/** A figure that does not exist, with the reason; never a 0. */
export function Absent({ because }: { because: string }): VNode {
  return (
    <span class="absent" title={because}>
      <span aria-hidden="true">{absentText}</span>
      <span class="unseen">none: {because}</span>
    </span>
  )
}
