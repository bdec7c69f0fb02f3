import type { VNode } from 'preact'
import { visibleText } from './visible-text.ts'

/** Text that came with a span: isolated in its direction, without control characters, of bounded length. */
export function SpanText({ text, maxLength = 120 }: { text: string; maxLength?: number }): VNode {
  const shown = visibleText(text, maxLength)
  return shown === text ? <bdi>{text}</bdi> : <bdi title={visibleText(text, 1000)}>{shown}</bdi>
}
