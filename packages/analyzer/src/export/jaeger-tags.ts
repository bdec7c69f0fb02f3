import type { Attributes, AttributeValue, Resource } from '../otlp/span-record.ts'

/** Types of Jaeger's model: string, bool, int64, float64. Integers beyond 2^53 are text there. */
export interface JaegerTag {
  readonly key: string
  readonly type: 'string' | 'bool' | 'int64' | 'float64'
  readonly value: string | boolean | number
}

/** A process of Jaeger: what one resource says. */
export interface JaegerProcess {
  readonly serviceName: string
  readonly tags: readonly JaegerTag[]
}

/** Attributes as tags, without those named in `without`. A list or a map becomes JSON text: Jaeger knows neither. */
export function jaegerTags(attributes: Attributes, without: ReadonlySet<string>): JaegerTag[] {
  const tags: JaegerTag[] = []
  for (const [key, value] of attributes) if (!without.has(key)) tags.push(jaegerTag(key, value))
  return tags
}

/** The service's name is the process's own in Jaeger, and empty where it is not known. */
export function jaegerProcess({ serviceName = '', attributes }: Resource): JaegerProcess {
  return { serviceName, tags: jaegerTags(attributes, SERVICE_NAME) }
}

const SERVICE_NAME: ReadonlySet<string> = new Set(['service.name'])

function jaegerTag(key: string, value: AttributeValue): JaegerTag {
  if (typeof value === 'string') return { key, type: 'string', value }
  if (typeof value === 'boolean') return { key, type: 'bool', value }
  if (typeof value === 'bigint') return { key, type: 'int64', value: value.toString() }
  if (typeof value === 'object')
    return { key, type: 'string', value: JSON.stringify(jsonForm(value)) }
  if (Number.isSafeInteger(value)) return { key, type: 'int64', value }
  // JSON has no form of NaN and the infinities; as text they are read back.
  return { key, type: 'float64', value: Number.isFinite(value) ? value : String(value) }
}

/** Recursion is as deep as a decoder lets values nest. */
function jsonForm(value: AttributeValue | undefined): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  if (typeof value !== 'object') return value ?? null
  if (!isMap(value)) return value.map(jsonForm)
  return Object.fromEntries([...value].map(([key, member]) => [key, jsonForm(member)]))
}

function isMap(value: object): value is Attributes {
  return !Array.isArray(value)
}
