import type { Attribute, Registry } from './registry.ts'

const header =
  '// Generated from packages/semconv/registry by `pnpm generate`; edit the registry instead.\n\n'

/** One `ATTR_…` constant per attribute and one union type per enumeration. */
export function attributesSource({ attributes }: Registry): string {
  const blocks = attributes.map((one) => {
    const constant = `/** ${one.brief} */\nexport const ATTR_${screaming(one.id)} = '${one.id}'\n`
    return constant + unionOf(one)
  })
  return header + blocks.join('\n')
}

/** One `METRIC_…` constant per metric. */
export function metricsSource({ metrics }: Registry): string {
  const blocks = metrics.map(
    (one) =>
      `/** ${one.brief} Unit: ${one.unit}. */\nexport const METRIC_${screaming(one.name)} = '${one.name}'\n`,
  )
  return header + blocks.join('\n')
}

/** One `EVENT_…` constant per event. */
export function eventsSource({ events }: Registry): string {
  const blocks = events.map(
    (one) => `/** ${one.brief}. */\nexport const EVENT_${screaming(one.name)} = '${one.name}'\n`,
  )
  return header + blocks.join('\n')
}

/** The registry as a value, for checking telemetry against it at run time. */
export function registrySource({ attributes, spans, metrics, events }: Registry): string {
  const types = Object.fromEntries(attributes.map((one) => [one.id, runtimeType(one)]))
  const value = {
    attributes: types,
    spans: spans.map(({ name, kinds, attributes: ids }) => ({ name, kinds, attributes: ids })),
    metrics: Object.fromEntries(
      metrics.map(({ name, instrument, unit, brief, attributes: ids }) => [
        name,
        { instrument, unit, brief, attributes: ids },
      ]),
    ),
    events: Object.fromEntries(
      events.map(({ name, brief, attributes: ids }) => [name, { brief, attributes: ids }]),
    ),
  }
  const shape = `export interface SemconvRegistry {
  /** Attribute type: string, int, double, boolean, string[], or the list of allowed values. */
  readonly attributes: Readonly<Record<string, string | readonly string[]>>
  /** Span names with {attribute} placeholders, their kinds and the attributes they may carry. */
  readonly spans: readonly {
    readonly name: string
    readonly kinds: readonly string[]
    readonly attributes: readonly string[]
  }[]
  /** The brief is what a metric's description says. */
  readonly metrics: Readonly<
    Record<
      string,
      {
        readonly instrument: string
        readonly unit: string
        readonly brief: string
        readonly attributes: readonly string[]
      }
    >
  >
  readonly events: Readonly<
    Record<string, { readonly brief: string; readonly attributes: readonly string[] }>
  >
}
`
  return `${header}${shape}\nexport const registry: SemconvRegistry = ${JSON.stringify(value, null, 2)}\n`
}

function runtimeType({ type }: Attribute): string | string[] {
  return typeof type === 'string' ? type : type.members.map((member) => member.value)
}

function unionOf({ id, type }: Attribute): string {
  if (typeof type === 'string') return ''
  const name = id
    .split(/[._]/)
    .map((word) => word[0]?.toUpperCase() + word.slice(1))
    .join('')
  return `export type ${name} = ${type.members.map((member) => `'${member.value}'`).join(' | ')}\n`
}

function screaming(id: string): string {
  return id.replaceAll('.', '_').toUpperCase()
}
