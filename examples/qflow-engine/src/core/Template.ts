import { QflowError } from '../models/QflowError.ts'
import { isPath, lookUpPath, type TemplateScope } from './PathWalker.ts'

const placeholder = /\$\{([^{}]*)\}/g
/** The walk recurses once for each level. */
const maxDepth = 64

/** Whether a text holds at least one `${path}`. */
export function hasTemplate(text: string): boolean {
  return /\$\{[^{}]*\}/.test(text)
}

/**
 * Replaces `${path}` in every text of a value. A text that is one placeholder keeps the type of what it names;
 * otherwise the value is written into the text (objects as JSON). A path that leads nowhere is an error.
 */
export function resolveTemplates(value: unknown, scope: TemplateScope, depth = 0): unknown {
  if (depth > maxDepth) {
    throw new QflowError('validation_error', `Parameters nest deeper than ${maxDepth} levels`)
  }
  if (typeof value === 'string') return resolveText(value, scope)
  if (Array.isArray(value)) return value.map((item) => resolveTemplates(item, scope, depth + 1))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, resolveTemplates(item, scope, depth + 1)]),
  )
}

function resolveText(text: string, scope: TemplateScope): unknown {
  const [whole, path] = /^\$\{([^{}]*)\}$/.exec(text) ?? []
  if (whole !== undefined && path !== undefined) return resolvePath(path, scope)
  return text.replace(placeholder, (_match, inner: string) => asText(resolvePath(inner, scope)))
}

function resolvePath(written: string, scope: TemplateScope): unknown {
  const path = written.trim()
  if (!isPath(path)) {
    throw new QflowError('validation_error', `\${${written}} is not a path such as data.order.id`)
  }
  const lookup = lookUpPath(scope, path)
  if (lookup.found) return lookup.value
  throw new QflowError('validation_error', `\${${path}} leads nowhere: ${lookup.missing} is absent`)
}

function asText(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value)
}
