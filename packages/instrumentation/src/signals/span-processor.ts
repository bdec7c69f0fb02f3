/**
 * Lets the instrumentation tell the SDK of spans up to 100 ms later than they began and ended, with the times of then, while the host
 * waits (docs/adr/0024-told-before-a-flush.md). Given to both sides, and the first of the provider's processors, since those after it
 * have to see what it lets be told:
 *
 *     const spanProcessor = new QflowSpanProcessor()
 *     new NodeTracerProvider({ spanProcessors: [spanProcessor, new BatchSpanProcessor(exporter)] })
 *     new QflowInstrumentation({ spanProcessor })
 *
 * A `SpanProcessor` of the SDK, of its 2.x and its 3.x line; spans themselves do not concern it.
 */
export class QflowSpanProcessor {
  private readonly listeners = new Set<() => void>()

  onStart(): void {}

  onEnd(): void {}

  /** All that waits has been told when this returns. */
  forceFlush(): Promise<void> {
    return this.tell()
  }

  /** All that waits has been told when this returns. */
  shutdown(): Promise<void> {
    return this.tell()
  }

  /** For the instrumentation: called before each flush. Returns how to take it back. */
  beforeFlush(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  private async tell(): Promise<void> {
    for (const listener of this.listeners) listener()
  }
}
