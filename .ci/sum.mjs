/**
 * Adds up the reports of all legs: node .ci/sum.mjs FOLDER MISSING_LEG_COUNT FAILED_LEG…
 * A leg that failed without a failed test (a check, a crash) counts as one failure; a missing leg as one skip.
 */
import { readdirSync, readFileSync } from 'node:fs'

const [folder, missingCount, ...failedLegs] = process.argv.slice(2)
const sum = { passed: 0, failed: 0, skipped: Number(missingCount) }
const legsWithFailures = new Set()

for (const file of readdirSync(folder)) {
  const report = JSON.parse(readFileSync(`${folder}/${file}`, 'utf8'))
  sum.passed += report.numPassedTests
  sum.failed += report.numFailedTests
  sum.skipped += report.numPendingTests + report.numTodoTests
  if (report.numFailedTests > 0) legsWithFailures.add(file.replace(/\.json$/, ''))
}
for (const leg of failedLegs) {
  console.log(`failed: ${leg}`)
  if (!legsWithFailures.has(leg)) sum.failed += 1
}
if (sum.passed === 0) {
  console.log('no test ran')
  sum.failed += 1
}
console.log(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`)
process.exitCode = sum.failed > 0 ? 1 : 0
