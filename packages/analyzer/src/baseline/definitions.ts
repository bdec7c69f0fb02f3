import type { FlowDefinition, FlowDefinitionStep } from '../otlp/span-record.ts'

/** Versions of a definition that are kept, so that two can be compared. */
const MAX_DEFINITION_COUNT = 4
/** Steps of all kept definitions of a flow, so that any two are soon compared. What they weigh, `definitionBytes` says. */
const MAX_STEP_COUNT = 2_000

/** What a definition, a step and a text of either cost in memory beside the texts, in bytes: estimates, rounded up. */
const DEFINITION_BASE_BYTES = 300
const STEP_BASE_BYTES = 200
const TEXT_BASE_BYTES = 24

/** Keeps a definition, in place of an earlier one of its version; the oldest go. A huge one is not kept. */
export function keepDefinition(definitions: FlowDefinition[], definition: FlowDefinition): void {
  const known = definitions.findIndex(({ version }) => version === definition.version)
  if (known >= 0) definitions.splice(known, 1)
  if (definition.steps.length > MAX_STEP_COUNT) return
  definitions.push(definition)
  const stepCount = () => definitions.reduce((sum, { steps }) => sum + steps.length, 0)
  while (definitions.length > MAX_DEFINITION_COUNT || stepCount() > MAX_STEP_COUNT)
    definitions.shift()
}

/** What it weighs, by estimate. O(steps). */
export function definitionBytes({ flowId, version, sha256, steps }: FlowDefinition): number {
  let bytes = DEFINITION_BASE_BYTES + flowId.length + version.length + sha256.length
  for (const step of steps) bytes += stepBytes(step)
  return bytes
}

function stepBytes({ steps: members = [], ...texts }: FlowDefinitionStep): number {
  let bytes = STEP_BASE_BYTES
  for (const text of Object.values(texts)) bytes += TEXT_BASE_BYTES + text.length
  for (const member of members) bytes += TEXT_BASE_BYTES + member.length
  return bytes
}
