import type { ComponentChildren, VNode } from 'preact'

/** A name and its figure, inside a `dl`. */
export function Pair({
  name,
  children,
}: {
  name: ComponentChildren
  children: ComponentChildren
}): VNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
