import { expect, test } from 'vitest'
import { decodeJaegerJson } from './jaeger-json.ts'

const jaeger = {
  data: [
    {
      traceID: 'cd43dd8448eb211c',
      spans: [
        {
          traceID: 'cd43dd8448eb211c',
          spanID: '1a2b',
          operationName: 'GET /orders',
          references: [
            { refType: 'FOLLOWS_FROM', traceID: 'cd43dd8448eb211c', spanID: 'ff' },
            { refType: 'CHILD_OF', traceID: 'cd43dd8448eb211c', spanID: 'fe' },
          ],
          startTime: 1700000000000001,
          duration: 250,
          tags: [
            { key: 'span.kind', type: 'string', value: 'server' },
            { key: 'error', type: 'bool', value: true },
            { key: 'count', type: 'int64', value: '9007199254740993' },
            { key: 'ratio', type: 'float64', value: 0.5 },
          ],
          processID: 'p1',
        },
        { traceID: 'cd43dd8448eb211c', spanID: 'zz', startTime: 1, duration: 1 },
        { traceID: 'cd43dd8448eb211c', spanID: '3', startTime: 'now', duration: 1 },
      ],
      processes: {
        p1: { serviceName: 'shop', tags: [{ key: 'host', type: 'string', value: 'h' }] },
      },
    },
  ],
}

test('spans in the form of the others, bad ones refused with their place', () => {
  const { spans, rejected } = decodeJaegerJson(jaeger)
  expect(spans).toEqual([
    {
      traceId: '0000000000000000cd43dd8448eb211c',
      spanId: '0000000000001a2b',
      parentSpanId: '00000000000000fe',
      traceState: '',
      name: 'GET /orders',
      kind: 'server',
      startUnixNs: 1700000000000001000n,
      endUnixNs: 1700000000000251000n,
      attributes: new Map<string, unknown>([
        ['error', true],
        ['count', 9007199254740993n],
        ['ratio', 0.5],
      ]),
      links: [{ traceId: '0000000000000000cd43dd8448eb211c', spanId: '00000000000000ff' }],
      status: 'error',
      resource: {
        serviceName: 'shop',
        attributes: new Map([
          ['host', 'h'],
          ['service.name', 'shop'],
        ]),
      },
    },
  ])
  expect(rejected.map(({ at }) => at)).toEqual([
    'data[0].spans[1].spanId',
    'data[0].spans[2].startTime',
  ])
  expect(() => decodeJaegerJson({ data: {} })).toThrow('expected an array, found an object at data')
})
