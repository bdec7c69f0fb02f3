import { matches } from './config.ts'
import { isObject } from './qflow-surface.ts'

const REDACTED = '[redacted]'

/** Keys that name credentials, whatever an allow-list says. */
const credentialKeys: readonly RegExp[] = [
  /pass(word|phrase|wd)?$/i,
  /secret/i,
  /token/i,
  /authorization/i,
  /cookie/i,
  /api[-_]?key/i,
  /private[-_]?key/i,
  /credential/i,
  /signature/i,
]

/** Text that is a credential wherever it stands: a bearer header, a JSON web token, a PEM block, a password in a URL or after its name. */
const credentialTexts: readonly RegExp[] = [
  /\b(?:bearer|basic)\s+[\w.~+/=-]{8,}/gi,
  /\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g,
  /-----BEGIN [A-Z ]+-----[\s\S]*?(?:-----END [A-Z ]+-----|$)/g,
  /(?<=:\/\/[^\s/@:]*:)[^\s/@]+(?=@)/g,
  /(?<=(?:password|passphrase|passwd|secret|token|api[-_]?key|private[-_]?key)["']?\s?[:=]\s?["']?)[^\s"',;&}]+/gi,
]

/** Deeper structure is cut before it is read, so that a cyclic or huge payload costs a bounded time. */
const MAX_DEPTH = 6
const MAX_ENTRIES = 64

/** Values read of one payload; within the depth and the width alone it could be billions. */
const MAX_VALUES = 4_096

export interface RedactionSettings {
  readonly captureMaxLength: number
  readonly redactKeys: readonly (string | RegExp)[]
}

/** A payload as attribute text: redacted first, then cut, so that no cut can hide what should have been redacted. */
export function redactedText(value: unknown, settings: RedactionSettings): string | undefined {
  if (value === undefined || value === null) return undefined
  const clean = redact(value, { keys: settings.redactKeys, left: MAX_VALUES }, 0)
  const text = typeof clean === 'string' ? clean : JSON.stringify(clean)
  return text?.slice(0, settings.captureMaxLength)
}

interface Walk {
  readonly keys: readonly (string | RegExp)[]
  left: number
}

/** Recursion is bounded by {@link MAX_DEPTH}. */
function redact(value: unknown, walk: Walk, depth: number): unknown {
  if (walk.left-- <= 0) return '[cut]'
  if (typeof value === 'string') return redactString(value)
  if (typeof value === 'bigint' || typeof value === 'symbol') return String(value)
  if (!isObject(value)) return typeof value === 'function' ? undefined : value
  if (depth >= MAX_DEPTH) return '[deep]'
  if (Array.isArray(value)) {
    return value.slice(0, MAX_ENTRIES).map((entry) => redact(entry, walk, depth + 1))
  }
  const clean: Record<string, unknown> = {}
  for (const key of Object.keys(value).slice(0, MAX_ENTRIES)) {
    const isSecret = matches(credentialKeys, key) || matches(walk.keys, key)
    clean[key] = isSecret ? REDACTED : redact(value[key], walk, depth + 1)
  }
  return clean
}

function redactString(text: string): string {
  let clean = text
  for (const pattern of credentialTexts) clean = clean.replace(pattern, REDACTED)
  return clean
}
