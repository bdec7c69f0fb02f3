import protobuf from 'protobufjs'
import { root } from '../../packages/analyzer/src/otlp/otlp-proto.ts'

/** Fields that our reader does not look into, so that what is wrong inside them is not its business. */
const UNREAD: readonly [message: string, field: string][] = [
  ['ResourceSpans', 'schemaUrl'],
  ['ScopeSpans', 'scope'],
  ['ScopeSpans', 'schemaUrl'],
  ['Span', 'droppedAttributesCount'],
  ['Span', 'events'],
  ['Span', 'flags'],
  ['Status', 'message'],
]

const request = peerRoot().lookupType('ExportTraceServiceRequest')

/** What protobufjs makes of a body: bytes as base64, 64-bit as text. Throws plain errors. */
export function decodeByPeer(body: Uint8Array): Record<string, unknown> {
  return request.toObject(request.decode(body), { longs: String, bytes: String })
}

function peerRoot(): protobuf.Root {
  const own = protobuf.Root.fromJSON(root.toJSON())
  for (const [message, field] of UNREAD) {
    const type = own.lookupType(message)
    const unread = type.fields[field]
    if (unread !== undefined) type.remove(unread)
  }
  return own
}
