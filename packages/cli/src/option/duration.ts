import { EXIT } from '../exit-code.ts'
import { Failure } from '../failure.ts'
import { visible } from '../text/visible.ts'

const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
}

/** A timer of Node cannot wait longer. */
const MAX_DURATION_MS = 2 ** 31 - 1

/** `30s`, `500ms`, `5m`, `1.5h` in ms. Throws `Failure` for anything else. */
export function parseDurationMs(text: string, flag: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|min|h)$/.exec(text.trim())
  const ms = Number(match?.[1]) * (UNITS_MS[match?.[2] ?? ''] ?? Number.NaN)
  if (ms > 0 && ms <= MAX_DURATION_MS) return ms
  throw new Failure({
    code: EXIT.usage,
    message: `${flag}: expected a duration such as 30s, 5m or 1h, found "${visible(text)}"`,
  })
}
