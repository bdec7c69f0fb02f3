/** A group as OpenTelemetry's semantic-convention YAML (v1) writes it. */
export interface Group {
  readonly id: string
  readonly type: 'attribute_group' | 'span' | 'metric' | 'event'
  readonly brief: string
  readonly display_name?: string
  readonly attributes?: readonly (Attribute | { readonly ref: string })[]
  readonly metric_name?: string
  readonly instrument?: string
  readonly unit?: string
  readonly name?: string
  readonly annotations?: { readonly qflow?: { readonly name: string; readonly kinds: string[] } }
}

/** An attribute as a group defines it; an enumeration lists its members. */
export interface Attribute {
  readonly id: string
  readonly type:
    | string
    | { readonly members: readonly { id: string; value: string; brief: string }[] }
  readonly brief: string
  readonly stability: string
  readonly examples: readonly unknown[]
}

/** Everything the groups define, by signal, in the order of the files. */
export interface Registry {
  readonly attributeGroups: readonly { title: string; brief: string; attributes: Attribute[] }[]
  readonly attributes: readonly Attribute[]
  readonly spans: readonly (Signal & { name: string; kinds: string[] })[]
  readonly metrics: readonly (Signal & { name: string; instrument: string; unit: string })[]
  readonly events: readonly (Signal & { name: string })[]
}

interface Signal {
  readonly brief: string
  readonly attributes: readonly string[]
}

/** Sorts groups by what they define. Throws when a group refers to an attribute that no group defines. */
export function readRegistry(groups: readonly Group[]): Registry {
  const attributeGroups = groups
    .filter((group) => group.type === 'attribute_group')
    .map((group) => ({
      title: group.display_name ?? group.id,
      brief: group.brief,
      attributes: (group.attributes ?? []).filter((one): one is Attribute => 'id' in one),
    }))
  const attributes = attributeGroups.flatMap((group) => group.attributes)
  const known = new Set(attributes.map((one) => one.id))
  const signal = (group: Group): Signal => ({
    brief: group.brief,
    attributes: refs(group, known),
  })
  return {
    attributeGroups,
    attributes,
    spans: groups.filter(isSpan).map((group) => ({ ...signal(group), ...spanName(group) })),
    metrics: groups.filter(isMetric).map((group) => ({
      ...signal(group),
      name: required(group, 'metric_name'),
      instrument: required(group, 'instrument'),
      unit: required(group, 'unit'),
    })),
    events: groups
      .filter((group) => group.type === 'event')
      .map((group) => ({ ...signal(group), name: required(group, 'name') })),
  }
}

const isSpan = (group: Group) => group.type === 'span'
const isMetric = (group: Group) => group.type === 'metric'

function refs(group: Group, known: ReadonlySet<string>): string[] {
  return (group.attributes ?? []).map((one) => {
    const id = 'ref' in one ? one.ref : one.id
    if (!known.has(id))
      throw new Error(`${group.id} refers to ${id}, which no attribute group defines`)
    return id
  })
}

function spanName(group: Group): { name: string; kinds: string[] } {
  const annotation = group.annotations?.qflow
  if (annotation === undefined) throw new Error(`${group.id} lacks annotations.qflow {name, kinds}`)
  return annotation
}

function required(group: Group, field: 'metric_name' | 'instrument' | 'unit' | 'name'): string {
  const value = group[field]
  if (value === undefined) throw new Error(`${group.id} lacks ${field}`)
  return value
}
