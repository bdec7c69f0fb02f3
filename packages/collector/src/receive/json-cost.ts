import { OtlpDecodeError } from '@qflow-otel/analyzer'
import { BodyError } from './body.ts'

/**
 * Levels of lists and objects in a JSON body. An attribute of the deepest value that is read (8 lists in lists)
 * stands at level 34.
 */
const MAX_DEPTH = 64

/**
 * Bytes for each `{`, `[`, `,` and `:` of a body of the largest size; short attributes take 8, so that a body of
 * nothing else may have four fifths of that size. `JSON.parse` pays for these, not for bytes: 0.9 µs for each name
 * that is new to it, on the thread that answers everybody.
 */
const BYTES_PER_MARK = 10

/**
 * Refuses a JSON body that would hold up everything else while it is parsed: one pass, no allocation. Throws
 * `OtlpDecodeError` for one too deep to be OTLP and `BodyError` for one with more values than a body of `maxBytes`
 * has. What is no JSON passes, or is refused all the same: the parser says what is wrong with it.
 */
export function refuseCostlyJson(body: Uint8Array, maxBytes: number): void {
  const maxMarks = Math.ceil(maxBytes / BYTES_PER_MARK)
  let [depth, marks, isInString] = [0, 0, false]
  for (let at = 0; at < body.length; at++) {
    const byte = body[at]
    if (isInString) {
      if (byte === BACKSLASH) at += 1
      else if (byte === QUOTE) isInString = false
    } else if (byte === QUOTE) isInString = true
    else if (byte === COMMA || byte === COLON) marks += 1
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      marks += 1
      depth += 1
      if (depth > MAX_DEPTH) throw tooDeep(at)
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth -= 1
    if (marks > maxMarks) throw tooMany(maxMarks, at)
  }
}

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_LIST = 0x5b
const BACKSLASH = 0x5c
const CLOSE_LIST = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

function tooDeep(at: number): OtlpDecodeError {
  return new OtlpDecodeError(
    `expected at most ${MAX_DEPTH} levels of lists and objects, found more`,
    `byte ${at}`,
  )
}

function tooMany(maxMarks: number, at: number): BodyError {
  return new BodyError({
    status: 413,
    message: `expected at most ${maxMarks} names, values, lists and objects in a JSON body, found more; send smaller batches, or protobuf`,
    at: `byte ${at}`,
  })
}
