/** What a file holds. `unknown`: nothing that says anything about traces. */
export type TraceFormat =
  | 'otlp-json'
  | 'otlp-protobuf'
  | 'json-lines'
  | 'jaeger-json'
  | 'gzip'
  | 'unknown'

/** So many bytes of a file are enough to tell. */
export const DETECTION_BYTES: number = 64 * 1024

const NEWLINE = 0x0a
const OPEN_BRACE = 0x7b

/**
 * Tells formats apart by the first bytes; `head` may be the whole file.
 *
 * A file of one line is `json-lines` only if it is cut off by the head: then it must be read as a stream, whatever
 * it is. JSON whose first line is not yet an object is one document.
 */
export function detectFormat(head: Uint8Array): TraceFormat {
  const bytes = head.subarray(0, DETECTION_BYTES)
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return 'gzip'
  if (isJsonText(bytes)) return jsonFormat(new TextDecoder().decode(bytes))
  return isExportRequest(bytes) ? 'otlp-protobuf' : 'unknown'
}

/** An object comes first, and control characters stand nowhere: JSON forbids them, protobuf is full of them. */
function isJsonText(bytes: Uint8Array): boolean {
  const isControl = (byte: number): boolean =>
    byte < 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
  while (bytes[at] === 0x20 || bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x09) at++
  return bytes[at] === OPEN_BRACE && !bytes.some(isControl)
}

function jsonFormat(text: string): TraceFormat {
  const trimmed = text.trimStart()
  const lineEnd = trimmed.indexOf('\n')
  const firstLine = lineEnd === -1 ? trimmed : trimmed.slice(0, lineEnd)
  const rest = lineEnd === -1 ? '' : trimmed.slice(lineEnd).trim()
  const isOtlp = /"resource(Spans|Logs|Metrics)"\s*:/.test(trimmed)
  const isJaeger = /"data"\s*:\s*\[/.test(trimmed) && /"(traceID|spans)"\s*:/.test(trimmed)
  if (!isOtlp) return isJaeger ? 'jaeger-json' : 'unknown'
  if (rest !== '') return isJsonObject(firstLine) ? 'json-lines' : 'otlp-json'
  return isJsonObject(firstLine) ? 'otlp-json' : 'json-lines'
}

function isJsonObject(text: string): boolean {
  try {
    return typeof JSON.parse(text) === 'object'
  } catch {
    return false
  }
}

/** Field 1 (a resource block) with a length, and in it field 1 (resource), 2 (scope) or 3 (schema URL). */
function isExportRequest(bytes: Uint8Array): boolean {
  if (bytes[0] !== NEWLINE) return false
  let at = 1
  while ((bytes[at] ?? 0) >= 0x80 && at < 5) at++
  const inner = bytes[at + 1]
  const isEmpty = bytes[at] === 0 && at === 1
  return isEmpty || inner === 0x0a || inner === 0x12 || inner === 0x1a
}
