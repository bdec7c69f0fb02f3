import {
  type Context,
  createContextKey,
  INVALID_SPAN_CONTEXT,
  ROOT_CONTEXT,
  type Span,
  trace,
} from '@opentelemetry/api'

/** Shared by every loaded copy of this package: the key is a registered symbol. */
const ownerKey = createContextKey('qflow-otel.owner')

const spanKey = discoverSpanKey()

/**
 * A context that carries the active span and the record it belongs to. One small object where `trace.setSpan` and
 * `setValue` would copy the context's map twice per step; and because it answers for both keys itself, it never chains:
 * a flow that starts itself again for ever holds one context, not all of them.
 */
class OwnedContext implements Context {
  private readonly base: Context
  private readonly span: Span | undefined
  private readonly owner: unknown

  constructor(base: Context, span: Span | undefined, owner: unknown) {
    this.base = base
    this.span = span
    this.owner = owner
  }

  getValue(key: symbol): unknown {
    if (key === ownerKey) return this.owner
    if (key === spanKey) return this.span
    return this.base.getValue(key)
  }

  setValue(key: symbol, value: unknown): Context {
    if (key === ownerKey) return new OwnedContext(this.base, this.span, value)
    // The key is the one `trace.setSpan` writes, so the value is a span.
    if (key === spanKey) return new OwnedContext(this.base, value as Span, this.owner)
    return new OwnedContext(this.base.setValue(key, value), this.span, this.owner)
  }

  deleteValue(key: symbol): Context {
    if (key === ownerKey) return new OwnedContext(this.base, this.span, undefined)
    if (key === spanKey) return new OwnedContext(this.base, undefined, this.owner)
    return new OwnedContext(this.base.deleteValue(key), this.span, this.owner)
  }

  withOwner(span: Span | undefined, owner: unknown): Context {
    return new OwnedContext(this.base, span, owner)
  }
}

/** `parent` with this span active and this record as owner of what runs in it. */
export function ownContext(parent: Context, span: Span | undefined, owner: unknown): Context {
  if (parent instanceof OwnedContext) return parent.withOwner(span, owner)
  // Without the key the span can only be set the API's way.
  const base = spanKey === undefined && span ? trace.setSpan(parent, span) : parent
  return new OwnedContext(base, span, owner)
}

/** The record that owns what runs in `active`; `undefined` outside every flow. */
export function ownerIn(active: Context): unknown {
  return active.getValue(ownerKey)
}

/** The API does not publish the key of the active span; what `setSpan` writes to shows it on every version. */
function discoverSpanKey(): symbol | undefined {
  let found: symbol | undefined
  const recorder: Context = {
    getValue: () => undefined,
    setValue: (key) => {
      found = key
      return recorder
    },
    deleteValue: () => recorder,
  }
  const span = trace.wrapSpanContext(INVALID_SPAN_CONTEXT)
  trace.setSpan(recorder, span)
  // Trust it only when reading goes the same way.
  const probe = found && ROOT_CONTEXT.setValue(found, span)
  return probe && trace.getSpan(probe) === span ? found : undefined
}
