import type { Deployment } from './baseline/deployments.ts'
import type { Mark } from './baseline/marks.ts'
import {
  definitionDifference,
  differenceWords,
  isSameDefinition,
} from './explain/definition-difference.ts'
import type { FlowState } from './flow-state.ts'
import type { DeploymentReport } from './report.ts'

/** A page has no room for more. */
const MAX_REPORTED_COUNT = 20

/** Versions and marks in order of time, the newest twenty. */
export function deploymentReports(
  { deployments, definitions }: Pick<FlowState, 'deployments' | 'definitions'>,
  marks: readonly Mark[],
): readonly DeploymentReport[] {
  const versions = deployments.all.map(({ kind, version, previous, unixNs }) => ({
    kind,
    unixNs,
    name: version,
    previous,
    difference: kind === 'flow_version' ? differenceOf(definitions, previous, version) : undefined,
  }))
  const told = marks.map(({ unixNs, text }) => ({
    kind: 'mark' as const,
    unixNs,
    name: text,
    previous: undefined,
    difference: undefined,
  }))
  return [...versions, ...told]
    .sort((a, b) => (a.unixNs < b.unixNs ? -1 : Number(a.unixNs > b.unixNs)))
    .slice(-MAX_REPORTED_COUNT)
}

function differenceOf(
  definitions: FlowState['definitions'],
  previous: Deployment['previous'],
  version: Deployment['version'],
): string | undefined {
  const from = definitions.find((one) => one.version === previous)
  const to = definitions.find((one) => one.version === version)
  if (from === undefined || to === undefined) return undefined
  const difference = definitionDifference(from, to)
  return isSameDefinition(difference) ? 'changes nothing' : differenceWords(difference)
}
