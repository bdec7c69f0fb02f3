import { MAX_EXECUTION_LIMIT } from '@qflow-otel/collector'
import { askCollector, collectorBase } from '../command/collector-client.ts'
import { knownFlowIds } from '../command/known-flow-ids.ts'
import { isObject, type JsonObject } from '../json-object.ts'
import { addExecution, type ComparedExecution } from './execution-samples.ts'
import { type Comparison, type Gathered, sideOfExecution } from './gather.ts'
import { SampleSets } from './sample-sets.ts'

/** Executions of one side that are asked for in full; the newest. */
const MAX_ASKED_COUNT = 200

/** The newest executions of a flow that a running collector still has in full, by side. */
export async function gatherFromCollector(
  url: string,
  flowId: string,
  comparison: Exclude<Comparison, { kind: 'files' }>,
): Promise<Gathered> {
  const base = collectorBase(url)
  const limit = `${MAX_EXECUTION_LIMIT}`
  const answer = await askCollector(base, {
    path: 'executions',
    params: { flow: flowId, limit },
  })
  const sets = new SampleSets()
  const asked = { before: 0, after: 0 }
  const versions = new Set<string>()
  // The newest stand first; values are compared in the order in which they were measured.
  for (const summary of listOf(answer?.['executions']).toReversed()) {
    const { executionId, flowVersion, startUnixNs } = summary
    if (
      typeof executionId !== 'string' ||
      typeof startUnixNs !== 'string' ||
      !/^\d+$/.test(startUnixNs)
    )
      continue
    const version = typeof flowVersion === 'string' ? flowVersion : undefined
    if (version !== undefined) versions.add(version)
    const side = sideOfExecution(comparison, {
      flowVersion: version,
      startUnixNs: BigInt(startUnixNs),
    })
    if (side === undefined) continue
    asked[side] += 1
    if (asked[side] > MAX_ASKED_COUNT) {
      sets.leaveOut('asked_limit')
      continue
    }
    const report = await askCollector(base, {
      path: `executions/${encodeURIComponent(executionId)}`,
    })
    const execution = isObject(report?.['execution']) ? report['execution']['execution'] : undefined
    if (isCompared(execution)) addExecution(sets, side, execution)
    else sets.leaveOut('no_longer_known')
  }
  const isKnown = asked.before + asked.after + versions.size > 0
  const flowIds = isKnown ? new Set([flowId]) : new Set(await knownFlowIds(base))
  return { sets, unit: 'ms', problems: [], isPartial: false, known: { flowIds, versions } }
}

function isCompared(execution: unknown): execution is ComparedExecution {
  if (!isObject(execution)) return false
  const { flowId, activeNs, flags, steps } = execution
  const isStep = (step: unknown) =>
    isObject(step) &&
    typeof step['stepId'] === 'string' &&
    typeof step['startNs'] === 'number' &&
    typeof step['endNs'] === 'number' &&
    isObject(step['phasesNs']) &&
    Array.isArray(step['missingPhases'])
  return (
    typeof flowId === 'string' &&
    typeof activeNs === 'number' &&
    Array.isArray(flags) &&
    Array.isArray(steps) &&
    steps.every(isStep)
  )
}

function listOf(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}
