/** What the address shows. The hash alone is used, so that the collector serves one page. */
export type Route =
  | { readonly kind: 'overview' }
  | { readonly kind: 'flow'; readonly flowId: string }
  | { readonly kind: 'execution'; readonly executionId: string }
  | { readonly kind: 'unknown'; readonly hash: string }

export function parseRoute(hash: string): Route {
  const [empty, kind, id, ...rest] = hash.replace(/^#/, '').split('/')
  if (empty !== '' || rest.length > 0) return emptyHash(hash)
  if (kind === '' && id === undefined) return { kind: 'overview' }
  const decodedId = decoded(id)
  if (decodedId === undefined) return { kind: 'unknown', hash }
  if (kind === 'flow') return { kind, flowId: decodedId }
  if (kind === 'execution') return { kind, executionId: decodedId }
  return { kind: 'unknown', hash }
}

function emptyHash(hash: string): Route {
  return hash === '' || hash === '#' ? { kind: 'overview' } : { kind: 'unknown', hash }
}

export function flowHref(flowId: string): string {
  return `#/flow/${encoded(flowId)}`
}

export function executionHref(executionId: string): string {
  return `#/execution/${encoded(executionId)}`
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
