import type { WaterfallRow } from './waterfall-layout.ts'

/** A step goes by its id, every other span by its name. */
export function spanTitle({ span, step }: Pick<WaterfallRow, 'span' | 'step'>): string {
  return step?.stepId ?? span.name
}
