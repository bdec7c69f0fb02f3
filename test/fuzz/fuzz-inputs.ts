/**
 * The thread that fuzzes until it is stopped: `<seed> <first input>`. Each input follows from the seed and its own number.
 * The main thread is told before each batch, so that it knows which inputs never ended, and of the first fault, the last.
 */
import { parentPort } from 'node:worker_threads'
import { randomStream } from '../../packages/analyzer/src/stats/random-stream.ts'
import { FuzzedReaders } from './checks.ts'
import { metricBodies, metricValues } from './metric-seeds.ts'
import { mutated, mutatedJson, pick } from './mutations.ts'
import type { FuzzReport } from './report.ts'
import { seedBodies, seedValues } from './seeds.ts'

const INPUTS_PER_BATCH = 250

/** Every so many inputs, what is held is measured. */
const INPUTS_PER_MEASUREMENT = 5000

/** Of each input one in so many is JSON. */
const JSON_EVERY = 5
/** One in so many is of metrics. */
const METRICS_EVERY = 4

const [seed = 1, first = 0] = process.argv.slice(2).map(Number)
const bodies = seedBodies(randomStream(seed))
const metrics = metricValues(randomStream(seed))
const metricsBodies = metricBodies(metrics)
const readers = new FuzzedReaders()

runBatch(first)

function runBatch(from: number): void {
  report({ kind: 'begun', from })
  for (let input = from; input < from + INPUTS_PER_BATCH; input++) {
    try {
      check(input)
    } catch (error) {
      report({
        kind: 'fault',
        input,
        message: String(error instanceof Error ? error.stack : error),
      })
      return
    }
  }
  const next = from + INPUTS_PER_BATCH
  if ((next - first) % INPUTS_PER_MEASUREMENT === 0) {
    globalThis.gc?.()
    report({ kind: 'held', heapBytes: process.memoryUsage().heapUsed })
  }
  report({ kind: 'ended', count: next - first, tally: readers.tally })
  setImmediate(runBatch, next)
}

function check(input: number): void {
  // Neighbouring seeds give streams that have nothing to do with each other.
  const random = randomStream(seed * 0x9e3779b1 + input)
  const isJson = input % JSON_EVERY === 0
  if (input % METRICS_EVERY === 0) {
    if (isJson) readers.checkMetricsJson(mutatedJson(random, pick(random, metrics)))
    else
      readers.checkMetrics(
        mutated(random, pick(random, metricsBodies), pick(random, metricsBodies)),
      )
  } else if (isJson) readers.checkJson(mutatedJson(random, pick(random, seedValues)))
  else readers.checkProtobuf(mutated(random, pick(random, bodies), pick(random, bodies)))
}

function report(message: FuzzReport): void {
  parentPort?.postMessage(message)
}
