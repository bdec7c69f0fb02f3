/**
 * What reading costs against the best that others have: `pnpm bench:decode [rounds]`. Without a number of rounds it is the
 * full form, which fails when a ratio is out of its bound.
 */

import { AttributeSplicer } from '../../src/otlp/attribute-splicer.ts'
import { encodeAttributes } from '../../src/otlp/encode-attributes.ts'
import { TracesDecoder } from '../../src/otlp/traces-decoder.ts'
import { protobufjsDecoders } from '../protobufjs-decoders.ts'
import { ATTRIBUTE_COUNT, bodies, SPAN_COUNT } from './bodies.ts'
import { collectGarbage, interleaved, medianOf, ratioOf, type Variant } from './interleaved.ts'

const FULL_ROUND_COUNT = 40

/** As many requests as make one round long against the clock of CPU time, and new texts and ids as in life. */
const BODY_COUNT = 16

const rounds = process.argv[2]
const requests = bodies(BODY_COUNT)
const decoder = new TracesDecoder()
const splicer = new AttributeSplicer()
/** As of a forwarder who has sent what it spliced before. */
const memory = new Uint8Array(2 * Math.max(...requests.map(({ protobuf }) => protobuf.length)))
const added = encodeAttributes([
  ['qflow.bottleneck.share', 0.75],
  ['qflow.finding.id', 'f3c1a9'],
])
const protobufjs = await protobufjsDecoders()

const cpuNs = interleaved(
  {
    'protobufjs, reflection': each(({ protobuf }) => protobufjs.reflection(protobuf)),
    'protobufjs, static': each(({ protobuf }) => protobufjs.static(protobuf)),
    'our decoder': each(({ protobuf }) => decoder.protobuf(protobuf), 8),
    'reflection, plain bytes': each(({ plain }) => protobufjs.reflection(plain)),
    'static, plain bytes': each(({ plain }) => protobufjs.static(plain)),
    'our decoder, plain bytes': each(({ plain }) => decoder.protobuf(plain), 8),
    'two attributes spliced': each(
      ({ protobuf }) => splicer.splice(protobuf, () => added, memory),
      24,
    ),
    'the same into new memory': each(({ protobuf }) => splicer.splice(protobuf, () => added), 24),
    'JSON.parse': each(({ json }) => JSON.parse(json), 2),
    'JSON.parse and our decoder': each(({ json }) => decoder.json(JSON.parse(json)), 2),
  },
  Number(rounds ?? FULL_ROUND_COUNT),
)

console.log(`${BODY_COUNT} requests of ${SPAN_COUNT} spans with ${ATTRIBUTE_COUNT} attributes`)
for (const [name, times] of Object.entries(cpuNs)) {
  const nsPerSpan = medianOf(times) / (BODY_COUNT * SPAN_COUNT)
  const perSecond = Math.round(1e9 / nsPerSpan).toLocaleString('en')
  console.log(
    name.padEnd(28),
    `${nsPerSpan.toFixed(0)} ns CPU/span`.padStart(20),
    `${perSecond} spans/s`.padStart(20),
  )
}

console.log(`${Math.round(heldBytesPerSpan())} bytes of heap for each span that is held`)

const own = cpuNs['our decoder']
const best = Math.min(
  ratioOf(cpuNs['protobufjs, reflection'], own),
  ratioOf(cpuNs['protobufjs, static'], own),
)
const spliceRatio = ratioOf(cpuNs['two attributes spliced'], own)
const freshRatio = ratioOf(cpuNs['the same into new memory'], own)
const kindRatio = ratioOf(own, cpuNs['our decoder, plain bytes'])
const jsonRatio = ratioOf(cpuNs['JSON.parse'], cpuNs['JSON.parse and our decoder'])
report('the better of protobufjs / our decoder', best, 'at least 6', best >= 6)
report('our decoder on a Buffer / on plain bytes', kindRatio, 'at most 1.1', kindRatio <= 1.1)
report('splicing / our decoder', spliceRatio, 'at most 0.35', spliceRatio <= 0.35)
console.log(`${'the same into new memory'.padEnd(40)} ${freshRatio.toFixed(2)}`)
report('JSON.parse / with our decoder', jsonRatio, 'at least 0.7', jsonRatio >= 0.7)

/** A ratio of times, and in the full form whether it is what is promised. */
function report(name: string, ratio: number, bound: string, holds: boolean): void {
  const isBroken = rounds === undefined && !holds
  console.log(`${name.padEnd(40)} ${ratio.toFixed(2)}${isBroken ? `, expected ${bound}` : ''}`)
  if (isBroken) process.exitCode = 1
}

function heldBytesPerSpan(): number {
  collectGarbage()
  const before = process.memoryUsage().heapUsed
  const held = requests.map(({ protobuf }) => decoder.protobuf(protobuf).spans)
  collectGarbage()
  const bytes = process.memoryUsage().heapUsed - before
  return bytes / held.reduce((sum, spans) => sum + spans.length, 0)
}

/** Each result is held until the next one, so that none is left out as unused. */
function each(read: (body: (typeof requests)[number]) => unknown, passCount = 1): Variant {
  const run = () => {
    for (const body of requests) Reflect.set(globalThis, 'benchResult', read(body))
  }
  return { run, passCount }
}
