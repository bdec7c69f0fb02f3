/** What the address shows. The hash alone is used, so that the collector serves one page. */
export type Route =
  | { readonly kind: 'overview' }
  | { readonly kind: 'flow'; readonly flowId: string }
  | { readonly kind: 'execution'; readonly executionId: string }
  | { readonly kind: 'unknown'; readonly hash: string }

/** Never throws: what names nothing is `unknown`. */
export function parseRoute(hash: string): Route {
  const path = hash.replace(/^#\/?/, '')
  if (path === '') return { kind: 'overview' }
  const [kind, id, ...rest] = path.split('/')
  const decodedId = rest.length === 0 ? decoded(id) : undefined
  if (decodedId !== undefined && kind === 'flow') return { kind, flowId: decodedId }
  if (decodedId !== undefined && kind === 'execution') return { kind, executionId: decodedId }
  return { kind: 'unknown', hash }
}

/** Longer ids are shown, but are no links: encoded, they would not fit into a request to the collector. */
const maxIdLength = 1000

/** The address of a flow's page; undefined for an id too long to be one. */
export function flowHref(flowId: string): string | undefined {
  return flowId.length > maxIdLength ? undefined : `#/flow/${encoded(flowId)}`
}

/** The address of an execution's page; undefined for an id too long to be one. */
export function executionHref(executionId: string): string | undefined {
  return executionId.length > maxIdLength ? undefined : `#/execution/${encoded(executionId)}`
}

/** `encodeURIComponent` throws on lone surrogates, which an id from the wire may hold. */
export function encoded(id: string): string {
  return encodeURIComponent(id.replace(/\p{Surrogate}/gu, '\ufffd'))
}

function decoded(part: string | undefined): string | undefined {
  if (part === undefined || part === '') return undefined
  try {
    return decodeURIComponent(part)
  } catch {
    // A hand-typed `%zz`: the address names nothing.
    return undefined
  }
}
