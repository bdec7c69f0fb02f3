/** A JSON object: members of any kind by name. */
export type JsonObject = Readonly<Record<string, unknown>>

/** An object that is no array and not `null`. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
