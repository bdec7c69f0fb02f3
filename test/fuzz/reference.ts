import type { AttributeValue } from '@qflow-otel/analyzer'

/** A span as it must be read, its attributes and those of its resource as entries. */
export type ReferenceSpan = Readonly<Record<string, unknown>>

type Message = Readonly<Record<string, unknown>>

const KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer']
const STATUSES = ['unset', 'ok', 'error']

/**
 * The spans of what protobufjs decoded, written down once more without any of our readers' code and without their limits:
 * spans with usable ids and a start, of equal keys the later value at the place of the earlier.
 */
export function referenceSpans(request: Message): readonly ReferenceSpan[] {
  return messages(request, 'resourceSpans').flatMap((block) => {
    const attributes = attributesOf(member(block, 'resource'))
    const name = attributes.find(([key]) => key === 'service.name')?.[1]
    const resource = [typeof name === 'string' ? name : undefined, attributes]
    return messages(block, 'scopeSpans')
      .flatMap((scope) => messages(scope, 'spans'))
      .filter(isUsable)
      .map((span) => ({ ...spanOf(span), resource }))
  })
}

function isUsable(span: Message): boolean {
  const parent = hex(span, 'parentSpanId')
  return (
    isId(hex(span, 'traceId'), 32) &&
    isId(hex(span, 'spanId'), 16) &&
    (/^0*$/.test(parent) || isId(parent, 16)) &&
    unixNs(span, 'startTimeUnixNano') > 0n
  )
}

function spanOf(span: Message): ReferenceSpan {
  const parent = hex(span, 'parentSpanId')
  return {
    traceId: hex(span, 'traceId'),
    spanId: hex(span, 'spanId'),
    parentSpanId: isId(parent, 16) ? parent : undefined,
    traceState: span['traceState'] ?? '',
    name: span['name'] ?? '',
    kind: KINDS[Number(span['kind'] ?? 0)] ?? 'unspecified',
    startUnixNs: unixNs(span, 'startTimeUnixNano'),
    endUnixNs: unixNs(span, 'endTimeUnixNano'),
    attributes: attributesOf(span),
    links: messages(span, 'links')
      .map((link) => ({ traceId: hex(link, 'traceId'), spanId: hex(link, 'spanId') }))
      .filter(({ traceId, spanId }) => traceId.length === 32 && spanId.length === 16),
    status: STATUSES[Number(member(span, 'status')['code'] ?? 0)] ?? 'unset',
  }
}

function attributesOf(owner: Message): [string, AttributeValue][] {
  return [...members(messages(owner, 'attributes'))]
}

function members(pairs: readonly Message[]): Map<string, AttributeValue> {
  const map = new Map<string, AttributeValue>()
  for (const pair of pairs) {
    const value = contentOf(member(pair, 'value'))
    if (value !== undefined) map.set(String(pair['key'] ?? ''), value)
  }
  return map
}

/** protobufjs leaves one field at most in an AnyValue. */
function contentOf(any: Message): AttributeValue | undefined {
  const [entry] = Object.entries(any)
  if (entry === undefined) return undefined
  const [kind, content] = entry
  if (kind === 'intValue') return exact(BigInt(String(content)))
  if (kind === 'arrayValue') return messages(any, kind, 'values').map(contentOf)
  if (kind === 'kvlistValue') return members(messages(any, kind, 'values'))
  // A text, a double, a boolean, or bytes as base64.
  return content as string | number | boolean
}

function exact(value: bigint): number | bigint {
  return BigInt.asIntN(54, value) === value && Number.isSafeInteger(Number(value))
    ? Number(value)
    : value
}

function isId(id: string, length: number): boolean {
  return id.length === length && !/^0*$/.test(id)
}

function hex(message: Message, key: string): string {
  return Buffer.from(String(message[key] ?? ''), 'base64').toString('hex')
}

function unixNs(message: Message, key: string): bigint {
  return BigInt(String(message[key] ?? 0))
}

function member(message: Message, key: string): Message {
  // Objects of protobufjs hold nothing but fields.
  return (message[key] ?? {}) as Message
}

function messages(message: Message, ...path: string[]): readonly Message[] {
  const owner = path.slice(0, -1).reduce(member, message)
  return (owner[path.at(-1) ?? ''] ?? []) as readonly Message[]
}
