import { EventEmitter } from 'node:events'

/** What it returns is ignored; a promise that rejects is counted. */
export type EventListener = (data: unknown) => unknown

/**
 * The event bus. Listeners run synchronously, inside the engine's time; one that throws or rejects is counted and
 * reported, and the engine goes on.
 */
export class QflowEventEmitter {
  listenerErrorCount = 0
  /** Where failures of listeners are reported; silent by default. */
  onListenerError: (type: string, error: unknown) => void = () => {}
  readonly emitter: EventEmitter = new EventEmitter().setMaxListeners(0)

  /** True when somebody listened. */
  emit(type: string, data: unknown): boolean {
    const listeners = this.emitter.rawListeners(type)
    for (const listener of listeners) {
      try {
        const outcome: unknown = listener.call(this, data)
        if (outcome instanceof Promise) {
          outcome.catch((error: unknown) => this.listenerFailed(type, error))
        }
      } catch (error) {
        this.listenerFailed(type, error)
      }
    }
    return listeners.length > 0
  }

  on(type: string, listener: EventListener): this {
    this.emitter.on(type, listener)
    return this
  }

  once(type: string, listener: EventListener): this {
    this.emitter.once(type, listener)
    return this
  }

  off(type: string, listener: EventListener): this {
    this.emitter.off(type, listener)
    return this
  }

  addListener(type: string, listener: EventListener): this {
    return this.on(type, listener)
  }

  removeListener(type: string, listener: EventListener): this {
    return this.off(type, listener)
  }

  removeAllListeners(type?: string): this {
    this.emitter.removeAllListeners(type)
    return this
  }

  listenerCount(type: string): number {
    return this.emitter.listenerCount(type)
  }

  async subscribe(type: string, listener: EventListener): Promise<void> {
    this.on(type, listener)
  }

  async unsubscribe(type: string, listener: EventListener): Promise<void> {
    this.off(type, listener)
  }

  private listenerFailed(type: string, error: unknown): void {
    this.listenerErrorCount++
    this.onListenerError(type, error)
  }
}

/** The bus of the process. */
export const qflowEventEmitter: QflowEventEmitter = new QflowEventEmitter()
