import { type Counters, countOne } from './counters.ts'
import { CODE_VERSION } from './facts.ts'
import type { Observation } from './observation.ts'

/** A version that executions began to run. */
export interface Deployment {
  readonly kind: 'flow_version' | 'code_version'
  readonly version: string
  /** The one that was seen last before. */
  readonly previous: string
  /** Start of its first execution, and that execution's place in the flow's history. */
  readonly unixNs: bigint
  readonly sequence: number
}

/** The versions of a flow and of its code as they came. Plain data. */
export interface Deployments {
  /** Newest use last. */
  readonly seen: SeenVersion[]
  /** Oldest first. */
  readonly all: Deployment[]
}

/** A version that is known when it returns. */
export interface SeenVersion {
  readonly kind: Deployment['kind']
  readonly version: string
  sequence: number
}

/** A change is explained by what was deployed about its onset: more than a page shows is not asked for. */
const MAX_DEPLOYMENT_COUNT = 32
/** Versions of flow and code that are known when they return; `known_version_limit` counts those forgotten. */
const MAX_SEEN_COUNT = 32
/** A version that was away for so many executions and returns was deployed again: a roll-back. */
const AWAY_COUNT = 50

export function noDeployments(): Deployments {
  return { seen: [], all: [] }
}

/** Notes the versions of an execution that enters; `deployment_limit` and `known_version_limit` count what was forgotten for newer ones. */
export function noteVersions(
  deployments: Deployments,
  { flowVersion, facts, startUnixNs }: Pick<Observation, 'flowVersion' | 'facts' | 'startUnixNs'>,
  sequence: number,
  counters: Counters,
): void {
  const at = { unixNs: startUnixNs, sequence }
  if (flowVersion !== undefined)
    noteVersion(deployments, { kind: 'flow_version', version: flowVersion, ...at }, counters)
  const code = facts.find(({ key }) => key === CODE_VERSION)
  if (code !== undefined)
    noteVersion(deployments, { kind: 'code_version', version: code.value, ...at }, counters)
}

/**
 * The versions of an execution that was noted, if the next one that runs them changes nothing but where they were seen last;
 * absent while it puts them in another order.
 */
export function settledVersions(
  { seen }: Deployments,
  { flowVersion, facts }: Pick<Observation, 'flowVersion' | 'facts'>,
): readonly SeenVersion[] | undefined {
  const code = facts.find(({ key }) => key === CODE_VERSION)?.value
  const isOwn = ({ kind, version }: SeenVersion) =>
    version === (kind === 'flow_version' ? flowVersion : code)
  const isElsewhere = seen.slice(0, -2).some(isOwn)
  return isElsewhere ? undefined : seen.filter(isOwn)
}

function noteVersion(
  { seen, all }: Deployments,
  found: Omit<Deployment, 'previous'>,
  counters: Counters,
): void {
  const { kind, version, sequence } = found
  const known = seen.find((one) => one.kind === kind && one.version === version)
  const isRunning = known !== undefined && sequence - known.sequence <= AWAY_COUNT
  if (!isRunning) {
    const previous = seen.findLast((one) => one.kind === kind && one.version !== version)
    if (previous !== undefined) all.push({ ...found, previous: previous.version })
    if (all.length > MAX_DEPLOYMENT_COUNT) {
      all.shift()
      countOne(counters, 'deployment_limit')
    }
  }
  // The one used last stands last in most cases already.
  if (known !== undefined && seen.at(-1) !== known && seen.at(-2) !== known) {
    seen.splice(seen.indexOf(known), 1)
    seen.push(known)
  }
  if (known !== undefined) known.sequence = sequence
  else seen.push({ kind, version, sequence })
  if (seen.length <= MAX_SEEN_COUNT) return
  seen.shift()
  countOne(counters, 'known_version_limit')
}
