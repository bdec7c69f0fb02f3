/**
 * Does the detection keep its promises? Simulates, prints the tables in markdown and fails when a claim does not hold.
 * `--quick` is the short form that runs with every change, `--only NAME` one section, `--seed N` other draws. What the full form said:
 * docs/evidence/detection.md.
 */
import { parseArgs } from 'node:util'
import { alerts } from './alerts.ts'
import { anomalies } from './anomalies.ts'
import { causes } from './causes.ts'
import { cost } from './cost.ts'
import { delay } from './delay.ts'
import { deployments } from './deployments.ts'
import { falseAlarmRate } from './false-alarm-rate.ts'
import { falseAlarms } from './false-alarms.ts'
import { metrics } from './metrics.ts'
import { offline } from './offline.ts'
import { oneStep } from './one-step.ts'
import { sectionText } from './report.ts'
import { holds, type Section } from './section.ts'
import { trend } from './trend.ts'

/** In the order in which they are printed. */
const sections: readonly Section[] = [
  falseAlarms,
  delay,
  oneStep,
  alerts,
  anomalies,
  causes,
  cost,
  deployments,
  falseAlarmRate,
  offline,
  trend,
  metrics,
]

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    seed: { type: 'string', default: '1' },
  },
})
const asked = sections.filter(({ name }) => values.only === undefined || name === values.only)
if (asked.length === 0) {
  const names = sections.map(({ name }) => `'${name}'`).join(', ')
  throw new Error(`--only: expected one of ${names}; found '${values.only}'`)
}
let brokenCount = 0
for (const section of asked) {
  const result = section.run({ isQuick: values.quick, seed: Number(values.seed) })
  console.log(`${sectionText(section.name, result)}\n`)
  brokenCount += result.claims.filter((claim) => !holds(claim)).length
}
console.log(brokenCount === 0 ? 'every claim holds' : `${brokenCount} claims do not hold`)
process.exitCode = brokenCount === 0 ? 0 : 1
