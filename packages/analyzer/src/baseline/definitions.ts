import type { FlowDefinition } from '../otlp/span-record.ts'

/** Versions of a definition that are kept, so that two can be compared. */
const MAX_DEFINITION_COUNT = 4
/** Steps of all kept definitions of a flow: some 100 bytes each. */
const MAX_STEP_COUNT = 2_000

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
