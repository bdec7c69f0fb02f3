/** What a path may start at; anything else is refused. */
export type TemplateScope = Readonly<Record<string, unknown>>

const pathPattern = /^[A-Za-z_$][\w$-]*(?:\.[\w$-]+|\[\d+\])*$/
/** Longer is no path but data in the wrong place. */
const maxPathLength = 512

/** Whether a text can be followed as a path. */
export function isPath(text: string): boolean {
  return text.length <= maxPathLength && pathPattern.test(text)
}

/** The value, or the part of the path that is missing. */
export type PathLookup =
  | { readonly found: true; readonly value: unknown }
  | { readonly found: false; readonly missing: string }

/**
 * Follows `a.b[0].c` through own properties only: nothing inherited, no accessor, no method can be reached.
 * Maps are walked by key.
 */
export function lookUpPath(scope: TemplateScope, path: string): PathLookup {
  let value: unknown = scope
  let walked = ''
  for (const key of path.split(/[.[\]]+/).filter((part) => part !== '')) {
    walked = walked === '' ? key : `${walked}.${key}`
    const next = ownValue(value, key)
    if (next === undefined) return { found: false, missing: walked }
    value = next.value
  }
  return { found: true, value }
}

function ownValue(container: unknown, key: string): { readonly value: unknown } | undefined {
  if (typeof container !== 'object' || container === null) return undefined
  if (container instanceof Map) {
    return container.has(key) ? { value: container.get(key) } : undefined
  }
  const property = Object.getOwnPropertyDescriptor(container, key)
  return property !== undefined && 'value' in property ? { value: property.value } : undefined
}
