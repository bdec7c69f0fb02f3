import { expect, test } from 'vitest'
import * as surface from './index.ts'

test('the exported names are these', () => {
  expect(Object.keys(surface).sort()).toEqual([
    'QflowInstrumentation',
    'QflowMetricProducer',
    'QflowSpanProcessor',
    'instrumentQflow',
  ])
})
