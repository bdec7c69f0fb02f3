import { findJsonError } from '@qflow-otel/analyzer'
import { InputError } from './input-error.ts'

/** Where a text begins in its file. */
export interface TextOrigin {
  readonly lineNumber: number
  readonly byteOffset: number
}

const START: TextOrigin = { lineNumber: 1, byteOffset: 0 }

/** `JSON.parse` whose error names line, byte, what was expected and what stands there. Throws `InputError`. */
export function parseJson(text: string, origin: TextOrigin = START): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw jsonError(text, origin)
  }
}

function jsonError(text: string, origin: TextOrigin): InputError {
  const { position, expected } = findJsonError(text)
  const before = text.slice(0, position)
  const line = origin.lineNumber + (before.match(/\n/g)?.length ?? 0)
  const byte = origin.byteOffset + Buffer.byteLength(before)
  const rest = text.slice(position, position + 20).trimEnd()
  const found = rest === '' ? 'the end' : `"${rest}"`
  return new InputError({ at: `line ${line}, byte ${byte}`, expected, found })
}
