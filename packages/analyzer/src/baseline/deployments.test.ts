import { expect, test } from 'vitest'
import type { Counters } from './counters.ts'
import { noDeployments, noteVersions } from './deployments.ts'

/** Versions of the flow, execution by execution: `1x10 2x3` is ten of 1, then three of 2. */
function deployed(text: string, counters: Counters = {}) {
  const versions = text.split(' ').flatMap((run) => {
    const [version = '', count] = run.split('x')
    return new Array<string>(Number(count)).fill(version)
  })
  const deployments = noDeployments()
  for (const [sequence, flowVersion] of versions.entries()) {
    const at = { flowVersion, facts: [], startUnixNs: BigInt(sequence) }
    noteVersions(deployments, at, sequence, counters)
  }
  return deployments.all.map(
    ({ previous, version, sequence }) => `${previous}>${version}@${sequence}`,
  )
}

test.each([
  ['1x10', []],
  ['1x10 2x5', ['1>2@10']],
  // Rolled out node by node: both run for a while.
  ['1x10 2x1 1x3 2x2 1x1 2x9', ['1>2@10']],
  // Rolled back long after.
  ['1x10 2x60 1x5', ['1>2@10', '2>1@70']],
  ['1x5 2x5 3x5', ['1>2@5', '2>3@10']],
])('%s', (text, expected) => {
  expect(deployed(text)).toEqual(expected)
})

test('the newest deployments are kept, the others counted', () => {
  const counters: Counters = {}
  const versions = Array.from({ length: 50 }, (_, version) => `${version}x1`)
  expect(deployed(versions.join(' '), counters)).toHaveLength(32)
  expect(counters).toEqual({ deployment_limit: 17, known_version_limit: 18 })
})
