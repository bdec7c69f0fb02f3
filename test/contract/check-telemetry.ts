import { registry, type SemconvRegistry } from '@qflow-otel/semconv'

/** Telemetry of ours as it left a provider, in the words of the registry. */
export interface EmittedSpan {
  readonly name: string
  readonly kind: string
  readonly attributes: Readonly<Record<string, unknown>>
}

export interface EmittedMetric {
  readonly name: string
  readonly unit: string
  readonly instrument: string
  readonly points: readonly Readonly<Record<string, unknown>>[]
}

export interface EmittedEvent {
  readonly name: string
  readonly attributes: Readonly<Record<string, unknown>>
}

/** What a healthy span may carry at most, and one with an error or attributes of a hook. */
const HEALTHY_ATTRIBUTE_LIMIT = 16
const ATTRIBUTE_LIMIT = 24

/** Each way in which the telemetry differs from the registry, as a sentence; nothing when it agrees. */
export function telemetryViolations(
  emitted: {
    readonly spans?: readonly EmittedSpan[]
    readonly metrics?: readonly EmittedMetric[]
    readonly events?: readonly EmittedEvent[]
  },
  against: SemconvRegistry = registry,
): string[] {
  const found = [
    ...(emitted.spans ?? []).flatMap((span) => spanViolations(span, against)),
    ...(emitted.metrics ?? []).flatMap((metric) => metricViolations(metric, against)),
    ...(emitted.events ?? []).flatMap((event) => eventViolations(event, against)),
  ]
  return [...new Set(found)].sort()
}

function spanViolations(span: EmittedSpan, against: SemconvRegistry): string[] {
  const known = against.spans.find((one) => namePattern(one.name).test(span.name))
  if (known === undefined) return [`span ${span.name} is not registered`]
  const place = `span ${known.name}`
  const count = Object.keys(span.attributes).length
  const limit = 'error.type' in span.attributes ? ATTRIBUTE_LIMIT : HEALTHY_ATTRIBUTE_LIMIT
  return [
    ...(known.kinds.includes(span.kind) ? [] : [`${place} has kind ${span.kind}`]),
    ...(count <= limit ? [] : [`${place} has ${count} attributes, the limit is ${limit}`]),
    ...attributeViolations(place, span.attributes, known.attributes, against),
  ]
}

function metricViolations(metric: EmittedMetric, against: SemconvRegistry): string[] {
  const known = against.metrics[metric.name]
  if (known === undefined) return [`metric ${metric.name} is not registered`]
  const place = `metric ${metric.name}`
  return [
    ...(known.unit === metric.unit ? [] : [`${place} has unit ${metric.unit}, not ${known.unit}`]),
    ...(known.instrument === metric.instrument
      ? []
      : [`${place} is a ${metric.instrument}, not a ${known.instrument}`]),
    ...metric.points.flatMap((point) =>
      attributeViolations(place, point, known.attributes, against),
    ),
  ]
}

function eventViolations(event: EmittedEvent, against: SemconvRegistry): string[] {
  const known = against.events[event.name]
  if (known === undefined) return [`event ${event.name} is not registered`]
  return attributeViolations(`event ${event.name}`, event.attributes, known.attributes, against)
}

function attributeViolations(
  place: string,
  attributes: Readonly<Record<string, unknown>>,
  allowed: readonly string[],
  against: SemconvRegistry,
): string[] {
  return Object.entries(attributes).flatMap(([name, value]) => {
    const type = against.attributes[name]
    if (type === undefined) return [`${place}: attribute ${name} is not registered`]
    if (!allowed.includes(name)) return [`${place}: attribute ${name} does not belong there`]
    return isOfType(value, type)
      ? []
      : [`${place}: ${name} is ${JSON.stringify(value)}, expected ${String(type)}`]
  })
}

function isOfType(value: unknown, type: string | readonly string[]): boolean {
  if (typeof type !== 'string') return typeof value === 'string' && type.includes(value)
  if (type === 'int') return Number.isSafeInteger(value)
  if (type === 'double') return typeof value === 'number' && Number.isFinite(value)
  if (type === 'string[]')
    return Array.isArray(value) && value.every((one) => typeof one === 'string')
  return typeof value === type
}

/** `execute_step {qflow.step.id}` becomes a pattern in which each placeholder stands for any text. */
function namePattern(name: string): RegExp {
  const literal = name
    .split(/\{[^}]+\}/)
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${literal.join('.+')}$`, 's')
}
