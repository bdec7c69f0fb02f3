import { type Encoding, mediaTypes, type Signal } from './signal.ts'

/** An HTTP answer, complete: the server only writes it. */
export interface OtlpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** What is wrong with a request, in the words of google.rpc.Status. */
export interface Problem {
  readonly status: number
  /** For people; says what was expected, what was found, and where. */
  readonly message: string
  /** Where in the body, e.g. `resourceSpans[0].scopeSpans[2]` or `byte 4711`. */
  readonly at?: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface PartialSuccess {
  readonly rejectedCount: number
  readonly message: string
}

/** Answers stay below the 4 MiB that senders have to read; a message needs far less. */
const MAX_MESSAGE_LENGTH = 2_000

/** Code of google.rpc.Status by HTTP status; INTERNAL for anything else. */
const rpcCodes: Readonly<Record<number, number>> = {
  400: 3,
  403: 7,
  404: 5,
  405: 12,
  408: 4,
  413: 8,
  415: 3,
  503: 14,
}

/**
 * 200 with `Export<Signal>ServiceResponse`; `partial_success` only when something was refused.
 *
 * | field | number | type |
 * |---|---|---|
 * | partial_success | 1 | message |
 * | partial_success.rejected_<items> | 1 | int64 |
 * | partial_success.error_message | 2 | string |
 */
export function successAnswer(
  signal: Signal,
  encoding: Encoding,
  partial?: PartialSuccess,
): OtlpAnswer {
  const headers = { 'content-type': mediaTypes[encoding] }
  if (encoding === 'json') {
    const body =
      partial === undefined
        ? {}
        : {
            partialSuccess: {
              // 64-bit integers are strings in OTLP/JSON.
              [signal.rejectedField]: String(partial.rejectedCount),
              errorMessage: clipped(partial.message),
            },
          }
    return { status: 200, headers, body: Buffer.from(JSON.stringify(body)) }
  }
  const message =
    partial === undefined
      ? Buffer.alloc(0)
      : bytesField(
          1,
          Buffer.concat([
            varintField(1, partial.rejectedCount),
            textField(2, clipped(partial.message)),
          ]),
        )
  return { status: 200, headers, body: message }
}

/**
 * An error with a `google.rpc.Status` body, JSON when the request's encoding is not known. A position
 * becomes a `google.rpc.BadRequest` detail.
 *
 * | field | number | type |
 * |---|---|---|
 * | code | 1 | int32 |
 * | message | 2 | string |
 * | details | 3 | google.protobuf.Any { type_url = 1, value = 2 } |
 * | BadRequest.field_violations | 1 | { field = 1, description = 2 } |
 */
export function problemAnswer(problem: Problem, encoding: Encoding = 'json'): OtlpAnswer {
  const code = rpcCodes[problem.status] ?? 13
  const message = clipped(problem.message)
  const body =
    encoding === 'json'
      ? Buffer.from(JSON.stringify({ code, message, ...jsonDetails(problem) }))
      : Buffer.concat([varintField(1, code), textField(2, message), protobufDetails(problem)])
  return {
    status: problem.status,
    headers: { ...problem.headers, 'content-type': mediaTypes[encoding] },
    body,
  }
}

const badRequestType = 'type.googleapis.com/google.rpc.BadRequest'

function jsonDetails({ at, message }: Problem) {
  if (at === undefined) return {}
  const fieldViolations = [{ field: clipped(at), description: clipped(message) }]
  return { details: [{ '@type': badRequestType, fieldViolations }] }
}

function protobufDetails({ at, message }: Problem): Buffer {
  if (at === undefined) return Buffer.alloc(0)
  const violation = Buffer.concat([textField(1, clipped(at)), textField(2, clipped(message))])
  const value = bytesField(1, violation)
  return bytesField(3, Buffer.concat([textField(1, badRequestType), bytesField(2, value)]))
}

function clipped(text: string): string {
  return text.length > MAX_MESSAGE_LENGTH ? `${text.slice(0, MAX_MESSAGE_LENGTH)}…` : text
}

function varintField(field: number, value: number): Buffer {
  return Buffer.from([field << 3, ...varint(value)])
}

function textField(field: number, text: string): Buffer {
  return bytesField(field, Buffer.from(text, 'utf8'))
}

function bytesField(field: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(field << 3) | 2, ...varint(bytes.length)]), bytes])
}

/** Counts only: whole numbers from 0 to 2^53 - 1. */
function varint(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80)
  bytes.push(rest)
  return bytes
}
