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

/** Who has the span of a context; it is asked only when somebody looks for the span. */
export interface SpanHolder {
  readonly span: Span | undefined
}

/**
 * A context that carries the active span and the record it belongs to. One small object where `trace.setSpan` and
 * `setValue` would copy the context's map twice per step; and because it answers for both keys itself, it never chains:
 * a flow that starts itself again for ever holds one context, not all of them.
 */
class OwnedContext implements Context {
  private readonly base: Context
  private readonly holder: SpanHolder | undefined
  private readonly owner: unknown

  constructor(base: Context, holder: SpanHolder | undefined, owner: unknown) {
    this.base = base
    this.holder = holder
    this.owner = owner
  }

  getValue(key: symbol): unknown {
    if (key === ownerKey) return this.owner
    if (key === spanKey) return this.holder?.span
    return this.base.getValue(key)
  }

  setValue(key: symbol, value: unknown): Context {
    if (key === ownerKey) return this.withOwner(this.holder, value)
    // The key is the one `trace.setSpan` writes, so the value is a span.
    if (key === spanKey) return this.withOwner({ span: value as Span }, this.owner)
    return new OwnedContext(this.base.setValue(key, value), this.holder, this.owner)
  }

  deleteValue(key: symbol): Context {
    if (key === ownerKey) return this.withOwner(this.holder, undefined)
    if (key === spanKey) return this.withOwner(undefined, this.owner)
    return new OwnedContext(this.base.deleteValue(key), this.holder, this.owner)
  }

  withOwner(holder: SpanHolder | undefined, owner: unknown): Context {
    return new OwnedContext(this.base, holder, owner)
  }

  /** With the span it has. */
  ownedBy(owner: unknown): Context {
    return new OwnedContext(this.base, this.holder, owner)
  }
}

/** `parent` with this holder's span active and this record as owner of what runs in it. */
export function ownContext(
  parent: Context,
  holder: SpanHolder | undefined,
  owner: unknown,
): Context {
  if (parent instanceof OwnedContext) return parent.withOwner(holder, owner)
  // Without the key the span can only be set the API's way, which wants it now.
  const span = spanKey === undefined ? holder?.span : undefined
  return new OwnedContext(span ? trace.setSpan(parent, span) : parent, holder, owner)
}

/** `active` with its span, and this record as owner of what runs in it. */
export function handOver(active: Context, owner: unknown): Context {
  if (active instanceof OwnedContext) return active.ownedBy(owner)
  return ownContext(active, { span: trace.getSpan(active) }, owner)
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
