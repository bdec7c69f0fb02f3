/**
 * What reading costs against the best that others have: `pnpm bench:decode [rounds]`. Without a number of rounds it is the
 * full form, which fails when a ratio is out of its bound.
 */
import { decodeTraceMessage } from '../../src/otlp/otlp-proto.ts'
import { TracesDecoder } from '../../src/otlp/traces-decoder.ts'
import { ATTRIBUTE_COUNT, bodies, SPAN_COUNT } from './bodies.ts'
import { interleaved, medianOf, ratioOf } from './interleaved.ts'

const FULL_ROUND_COUNT = 40

/** As many requests as make one round long against the clock of CPU time, and new texts and ids as in life. */
const BODY_COUNT = 16

const rounds = process.argv[2]
const requests = bodies(BODY_COUNT)
const decoder = new TracesDecoder()
const { ExportTraceServiceRequest } = await staticCode()

const cpuNs = interleaved(
  {
    'protobufjs, reflection': () => each(({ protobuf }) => decodeTraceMessage(protobuf)),
    'protobufjs, static': () => each(({ protobuf }) => ExportTraceServiceRequest.decode(protobuf)),
    'our decoder': () => each(({ protobuf }) => decoder.protobuf(protobuf)),
    'JSON.parse': () => each(({ json }) => JSON.parse(json)),
    'JSON.parse and our decoder': () => each(({ json }) => decoder.json(JSON.parse(json))),
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

const own = cpuNs['our decoder']
const isFull = rounds === undefined
report('faster than protobufjs, reflection', ratioOf(cpuNs['protobufjs, reflection'], own), 6)
report('faster than protobufjs, static', ratioOf(cpuNs['protobufjs, static'], own), 6)
report(
  'of the speed of JSON.parse alone',
  ratioOf(cpuNs['JSON.parse'], cpuNs['JSON.parse and our decoder']),
  0.7,
)

/** A ratio, and in the full form whether it is what is promised. */
function report(name: string, ratio: number, min: number): void {
  const isBroken = isFull && !(ratio >= min)
  console.log(
    `${name.padEnd(38)} x${ratio.toFixed(2)}${isBroken ? `, expected at least ${min}` : ''}`,
  )
  if (isBroken) process.exitCode = 1
}

/** The results are held until the next one, so that nothing is left out as unused. */
function each(read: (body: (typeof requests)[number]) => unknown): void {
  for (const body of requests) Reflect.set(globalThis, 'benchResult', read(body))
}

interface StaticCode {
  readonly ExportTraceServiceRequest: { decode(bytes: Uint8Array): unknown }
}

/** Made by `build.ts`, beside this file's bundle. */
function staticCode(): Promise<StaticCode> {
  return import(new URL('otlp-static.mjs', import.meta.url).href)
}
