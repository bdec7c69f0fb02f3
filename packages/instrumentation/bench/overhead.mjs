#!/usr/bin/env node
/** Prints what the instrumentation costs and whether the promised bounds hold; docs/evidence/overhead.md explains the figures. */
import { parseArgs } from 'node:util'
import { measureApart } from './apart.mjs'

/** With fewer the intervals say nothing, so that no verdict ends the process with an error. */
const FULL = { rounds: 60, pairs: 2_000 }

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: String(FULL.rounds) },
    pairs: { type: 'string', default: String(FULL.pairs) },
    json: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
})
const rounds = Number(values.rounds)
const pairs = Number(values.pairs)
const isFull = rounds >= FULL.rounds && pairs >= FULL.pairs

const step = values.only === 'flow' ? undefined : await measureApart('step-cost.mjs', { rounds })
const flows =
  values.only === 'step'
    ? []
    : await measureApart('flow-cost.mjs', { pairs, attributeCount: step?.attributeCount ?? 12 })
const measured = [...(step?.ratios ?? []), ...flows]

if (values.json) console.log(JSON.stringify({ node: process.version, step, flows }, undefined, 2))
else print()
if (isFull && measured.some((one) => !isWithin(one))) process.exitCode = 1

/** A ratio is its median; a slowdown has to stay below the bound with the upper end of its interval. */
function isWithin({ value, high, bound, median }) {
  if (bound === undefined) return true
  return median === undefined ? value <= bound : high < bound
}

function print() {
  console.log(
    `Node ${process.version}, detail off${isFull ? '' : ', quick form: the figures mean little'}`,
  )
  if (step) printStep()
  for (const flow of flows) printFlow(flow)
}

function printStep() {
  console.log(
    `ns of CPU per step, above the engine's own ${step.engineNs.toFixed(0)}; ${step.attributeCount} attributes`,
  )
  for (const [name, ns] of Object.entries(step.overheadNs)) {
    console.log(`  ${name.padEnd(50)} ${ns.toFixed(0).padStart(6)}`)
  }
  console.log('ratio of medians [95 % interval]')
  for (const ratio of step.ratios) {
    const { name, value, low, high, n, bound, aim } = ratio
    const verdict =
      bound !== undefined
        ? `bound ${bound}: ${wordOf(ratio)}`
        : aim !== undefined
          ? `aim ${aim}`
          : ''
    const interval = `[${low.toFixed(3)}, ${high.toFixed(3)}]`
    console.log(`  ${name.padEnd(42)} ${value.toFixed(3)} ${interval} n=${n} ${verdict}`.trimEnd())
  }
}

function printFlow(flow) {
  const percent = (share) => `${(share * 100).toFixed(2)} %`
  const { name, value, low, high, n, bound, baseMs, median, unclippedMean, clippedCount } = flow
  const verdict = bound === undefined ? '' : `, bound ${percent(bound)}: ${wordOf(flow)}`
  console.log(`${name} (${baseMs.toFixed(2)} ms)`)
  console.log(
    `  slower by ${percent(value)} [${percent(low)}, ${percent(high)}] n=${n} pairs${verdict}`,
  )
  console.log(
    `  median ${percent(median)}, mean without clipping ${percent(unclippedMean)}, ${clippedCount} pairs clipped`,
  )
}

function wordOf(one) {
  return isWithin(one) ? 'holds' : 'BROKEN'
}
