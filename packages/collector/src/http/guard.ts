import type { IncomingHttpHeaders } from 'node:http'
import { isIP } from 'node:net'

/** Which host names are ours, so that a page of another site cannot reach us through a name of its own. */
export interface HostRule {
  /** The address we listen on. */
  readonly host: string
  readonly allowedHosts: readonly string[]
}

/**
 * Whether a browser may have been brought here by us: `Host` names a loopback address, the address we listen
 * on or an allowed name. A name that was bound to our address by somebody else (DNS rebinding) is neither. With
 * a wildcard address every IP literal will do, because rebinding needs a name.
 */
export function isOwnHost(hostHeader: string | undefined, rule: HostRule): boolean {
  const name = hostName(hostHeader)
  if (name === undefined) return false
  if (isLoopbackName(name)) return true
  if (isIP(name) !== 0) return isWildcard(rule.host) || name === bare(rule.host)
  return [rule.host, ...rule.allowedHosts].some((allowed) => bare(allowed) === name)
}

/** Whether the request comes from a page of our own, or from no page at all. */
export function isOwnOrigin(headers: IncomingHttpHeaders): boolean {
  const { origin, host } = headers
  if (origin === undefined) return true
  if (!URL.canParse(origin) || host === undefined) return false
  return new URL(origin).host === host.trim().toLowerCase()
}

/** Whether only this machine can reach the address. */
export function isLoopbackName(name: string): boolean {
  const given = bare(name)
  return given === 'localhost' || given === '::1' || (isIP(given) === 4 && given.startsWith('127.'))
}

/** The name of a `Host` header, without port and brackets, in lower case. */
function hostName(header: string | undefined): string | undefined {
  const text = header?.trim() ?? ''
  if (text === '' || /[\s/@\\?#]/.test(text) || !URL.canParse(`http://${text}`)) return undefined
  return bare(new URL(`http://${text}`).hostname)
}

function bare(name: string): string {
  return name.replace(/^\[|\]$/g, '').toLowerCase()
}

function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || bare(host) === '::'
}
