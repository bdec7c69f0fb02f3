import type { Attributes } from '../otlp/span-record.ts'
import type { ExecutionSpan } from './execution.ts'
import { numberOf, textOf } from './span-role.ts'

/** Ports that a method and a host already say. */
const USUAL_PORTS: ReadonlySet<number> = new Set([80, 443])
/** A host, an address or a name of a queue; anything longer was no name. */
const MAX_PART_LENGTH = 200

/** The attributes that a label may depend on. */
export const LABEL_KEYS: readonly string[] = [
  'http.request.method',
  'http.method',
  'url.template',
  'http.route',
  'db.system.name',
  'db.system',
  'db.collection.name',
  'db.sql.table',
  'db.mongodb.collection',
  'messaging.system',
  'messaging.destination.template',
  'messaging.destination.temporary',
  'messaging.destination.anonymous',
  'messaging.destination.name',
  'messaging.destination',
  'server.address',
  'net.peer.name',
  'server.port',
  'net.peer.port',
]

/**
 * What a span is called where a person has to recognise it: its name, or, where that says little (`POST`, `SELECT`,
 * `publish`), what the OTel conventions know of the other side.
 *
 * Of few values: host, port, route template, table and queue; never a URL, a path with ids or a query string.
 * Source: OTel semantic conventions, HTTP, database and messaging client spans (current and former attribute names).
 */
export function spanLabel({
  name,
  role,
  attributes,
}: Pick<ExecutionSpan, 'name' | 'role' | 'attributes'>): string {
  if (role !== 'foreign' || !isPoor(name)) return name
  return (
    httpLabel(name, attributes) ??
    databaseLabel(name, attributes) ??
    messagingLabel(name, attributes) ??
    joined(name, hostOf(attributes))
  )
}

/** One word, or the `HTTP POST` of former conventions. */
function isPoor(name: string): boolean {
  return !name.includes(' ') || /^HTTP [A-Z]+$/.test(name)
}

function httpLabel(name: string, attributes: Attributes): string | undefined {
  const method = first(attributes, ['http.request.method', 'http.method'])
  if (method === undefined) return undefined
  // An unknown method is recorded as _OTHER, and the name then says HTTP.
  const verb = method === '_OTHER' || !/^[A-Z]{1,20}$/.test(method) ? name : method
  const route = first(attributes, ['url.template', 'http.route'])
  return joined(verb, hostOf(attributes), route)
}

function databaseLabel(name: string, attributes: Attributes): string | undefined {
  const system = first(attributes, ['db.system.name', 'db.system'])
  if (system === undefined) return undefined
  const isNamed = name.toLowerCase().includes(system.toLowerCase())
  const table = first(attributes, ['db.collection.name', 'db.sql.table', 'db.mongodb.collection'])
  return joined(isNamed ? undefined : system, name, name === table ? undefined : table)
}

function messagingLabel(name: string, attributes: Attributes): string | undefined {
  if (first(attributes, ['messaging.system']) === undefined) return undefined
  const template = first(attributes, ['messaging.destination.template'])
  const isShortLived =
    attributes.get('messaging.destination.temporary') === true ||
    attributes.get('messaging.destination.anonymous') === true
  const own = first(attributes, ['messaging.destination.name', 'messaging.destination'])
  return joined(name, template ?? (isShortLived ? '(temporary)' : own))
}

function hostOf(attributes: Attributes): string | undefined {
  const host = first(attributes, ['server.address', 'net.peer.name'])
  // Somebody may have put a URL here.
  if (host === undefined || /[/?#@\s]/.test(host)) return undefined
  const port = numberOf(attributes, 'server.port') ?? numberOf(attributes, 'net.peer.port')
  return port === undefined || USUAL_PORTS.has(port) ? host : `${host}:${port}`
}

function first(attributes: Attributes, keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const value = textOf(attributes, key)
    if (value !== undefined && value.length <= MAX_PART_LENGTH) return value
  }
  return undefined
}

function joined(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(' ')
}
