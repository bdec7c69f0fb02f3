import { InputError } from './input-error.ts'

/** Where a text begins in its file. */
export interface TextOrigin {
  readonly lineNumber: number
  readonly byteOffset: number
}

const START: TextOrigin = { lineNumber: 1, byteOffset: 0 }

/** `JSON.parse` whose error names line, byte and what stands there. Throws `InputError`. */
export function parseJson(text: string, origin: TextOrigin = START): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw jsonError(text, positionOf(error, text), origin)
  }
}

/** V8 names the position in its message, except at the end of the text. */
function positionOf({ message }: SyntaxError, text: string): number {
  const match = /at position (\d+)/.exec(message)
  return match === null ? text.trimEnd().length : Number(match[1])
}

function jsonError(text: string, position: number, origin: TextOrigin): InputError {
  const before = text.slice(0, position)
  const line = origin.lineNumber + (before.match(/\n/g)?.length ?? 0)
  const byte = origin.byteOffset + Buffer.byteLength(before)
  const isEnd = position >= text.trimEnd().length
  const found = isEnd
    ? `the end after "${before.slice(-20)}"`
    : `"${text.slice(position, position + 20)}"`
  return new InputError({ at: `line ${line}, byte ${byte}`, expected: 'JSON', found })
}
