import { expect, test } from 'vitest'
import type { SpanTemplate } from './span-template.ts'
import { TemplateOrder } from './template-order.ts'

/** How many of the templates, a letter each, were expected when they came. */
function expectedCount(letters: string): number {
  const order = new TemplateOrder()
  let count = 0
  for (const letter of letters) {
    // Templates are compared and nothing else.
    const template = (letter === '-' ? undefined : letter) as unknown as SpanTemplate | undefined
    if (template !== undefined && order.next === template) count++
    order.add(template)
  }
  return count
}

test.each([
  ['one kind of execution, from its second one on', 'acbcf'.repeat(10), 44],
  ['the same where nothing but the spans before tell what comes', 'acbcdcf'.repeat(10), 62],
  ['an execution that is cut short', `${'abcdf'.repeat(5)}abf${'abcdf'.repeat(5)}`, 44],
  ['a span without a template among others', 'ab-df'.repeat(10), 35],
  ['executions longer than what is remembered', `${'a'.repeat(70)}f`.repeat(3), 206],
  ['nothing that comes again', 'abcdefghijklmnopqrstuvwxyz', 0],
])('%s', (_, letters, count) => {
  expect(expectedCount(letters)).toBe(count)
})
