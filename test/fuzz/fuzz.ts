/**
 * Mutated bodies for the readers of traces and of metrics and for the splicer:
 * `pnpm test:fuzz --seconds 30 [--seed 1] [--from 0]`. Fails at the first input for which a reader throws anything but a
 * typed error, says something else than protobufjs or than a new reader, never ends, or after which it holds more than
 * before.
 */
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import type { Tally } from './checks.ts'
import type { FuzzReport } from './report.ts'

/** A batch takes a tenth of a second; this says that an input never ends, not that one is slow. */
const HANG_MS = 60_000

/** The readers' own memory is bounded by some 2 MB; the rest is room for the engine's own. */
const MAX_HEAP_GROWTH_BYTES = 32 * 2 ** 20

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '30' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
  },
})
const { seed } = values

const worker = new Worker(new URL('fuzz-thread.mjs', import.meta.url), {
  argv: [seed, values.from],
  resourceLimits: { maxOldGenerationSizeMb: 512 },
})
let [from, count, tally]: [number, number, Tally | undefined] = [0, 0, undefined]
const heapBytes: number[] = []
let fault: string | undefined

const hang = setTimeout(() => stop(`one of the inputs from ${from} on does not end`), HANG_MS)
const end = setTimeout(() => stop(undefined), Number(values.seconds) * 1000)
worker.on('error', (error) => stop(`in the batch from ${from}: ${String(error)}`))
worker.on('exit', conclude)
worker.on('message', (report: FuzzReport) => {
  hang.refresh()
  if (report.kind === 'begun') from = report.from
  else if (report.kind === 'held') heapBytes.push(report.heapBytes)
  else if (report.kind === 'fault') stop(`input ${report.input}: ${report.message}`)
  else ({ count, tally } = report)
})

function stop(reason: string | undefined): void {
  fault ??= reason
  void worker.terminate()
}

function conclude(): void {
  clearTimeout(hang)
  clearTimeout(end)
  // The first measurement is behind the engine's warming up.
  const growth = Math.max(...heapBytes) - (heapBytes[0] ?? Number.NaN)
  if (growth > MAX_HEAP_GROWTH_BYTES) fault ??= `the heap grew by ${growth} bytes`
  const nothing = Object.entries(tally ?? { inputs: 0 }).find(
    ([key, times]) => times === 0 && key !== 'stricterCount',
  )
  if (nothing !== undefined) fault ??= `${nothing[0]} is 0: expected inputs of every kind`
  console.log(`${count} inputs of seed ${seed}:`, tally)
  if (heapBytes.length > 0)
    console.log(
      `heap ${mib(heapBytes[0])} MiB at first, ${mib(Math.max(...heapBytes))} MiB at most`,
    )
  if (fault === undefined) return
  console.error(fault)
  process.exitCode = 1
}

function mib(bytes = Number.NaN): string {
  return (bytes / 2 ** 20).toFixed(1)
}
