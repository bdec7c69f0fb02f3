import { expect } from 'vitest'
import { TestDao, TestEngine, TestLedger, TestPipeline, TestPool } from './test-engine.ts'

/** Own properties of the classes of the test engine. */
export type Surface = Map<object, Record<string, PropertyDescriptor>>

export function surface(): Surface {
  const holders = [TestEngine, TestLedger, TestPipeline, TestDao, TestPool]
  return new Map(
    holders.map(({ prototype }) => [prototype, Object.getOwnPropertyDescriptors(prototype)]),
  )
}

/** The same keys in the same order, the same flags, the very same functions. */
export function expectSame(now: Surface, before: Surface): void {
  for (const [holder, descriptors] of before) {
    const found = now.get(holder) ?? {}
    expect(Reflect.ownKeys(found)).toEqual(Reflect.ownKeys(descriptors))
    for (const [key, { value, ...flags }] of Object.entries(descriptors)) {
      const { value: foundValue, ...foundFlags } = found[key] ?? {}
      expect(foundValue).toBe(value)
      expect(foundFlags).toEqual(flags)
    }
  }
}
