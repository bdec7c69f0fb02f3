import type { VNode } from 'preact'
import { executionHref, flowHref } from './route.ts'
import { SpanText } from './span-text.tsx'

/** A flow's id that leads to its page. */
export function FlowLink({ flowId }: { flowId: string }): VNode {
  const href = flowHref(flowId)
  const text = <SpanText text={flowId} maxLength={60} />
  return href === undefined ? text : <a href={href}>{text}</a>
}

/** An execution's id that leads to its page. @param maxLength of the id as it is shown. */
export function ExecutionLink({
  executionId,
  maxLength = 40,
}: {
  executionId: string
  maxLength?: number
}): VNode {
  const href = executionHref(executionId)
  const text = <SpanText text={executionId} maxLength={maxLength} />
  if (href === undefined) return <span class="id">{text}</span>
  return (
    <a class="id" href={href}>
      {text}
    </a>
  )
}
