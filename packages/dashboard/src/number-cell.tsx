import type { ComponentChildren, VNode } from 'preact'
import { countText } from './format.ts'

/** The head of a column of figures. */
export function NumberHead({ children }: { children: string }): VNode {
  return (
    <th scope="col" class="number">
      {children}
    </th>
  )
}

/** A figure; on a narrow screen, where there is no head, `label` stands beside it. */
export function NumberCell({
  label,
  children,
}: {
  label: string
  children: ComponentChildren
}): VNode {
  return (
    <td data-label={label} class="number">
      {children}
    </td>
  )
}

/** A count of failures, marked when there are any. */
export function FailedCell({ count }: { count: number }): VNode {
  return (
    <td data-label="failed" class={count > 0 ? 'number bad' : 'number'}>
      {countText(count)}
    </td>
  )
}
