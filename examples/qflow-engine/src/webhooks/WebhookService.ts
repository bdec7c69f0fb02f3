import { type ExecutionEngine, executionEngine } from '../core/ExecutionEngine.ts'
import { readJson } from '../core/JsonReader.ts'
import { isoTime } from '../core/Runtime.ts'
import { equalHex, hmacSha256 } from '../crypto/Canonical.ts'
import { emitEnvelope } from '../events/Envelope.ts'

/** One door: who may knock, and which flow opens. */
export interface WebhookConfig {
  readonly id: string
  readonly endpoint: string
  readonly source: string
  /** Key of the HMAC-SHA256 of the body, sent as `sha256=<hex>` in the signature header. */
  readonly secret: string
  readonly flowId: string
  readonly enabled?: boolean
  /** Source addresses that may call; everybody when absent. */
  readonly allowedSources?: readonly string[]
  readonly signatureHeader?: string
  readonly maxEventsPerMinute?: number
  readonly permissions?: readonly string[]
  readonly daoSubnet?: string
}

/** An accepted body, as it waits in the queue. */
export interface WebhookEvent {
  readonly id: string
  readonly endpoint: string
  readonly source: string
  readonly type: string
  readonly timestamp: string
  readonly data: Readonly<Record<string, unknown>>
  readonly signature?: string
  readonly headers: Readonly<Record<string, string>>
  readonly rawBody: string
}

/** Whether the event was accepted; the reason when not. */
export interface WebhookOutcome {
  readonly valid: boolean
  readonly errors: readonly string[]
  readonly warnings: readonly string[]
  readonly processedEvent?: WebhookEvent
  readonly securityAssessment?: {
    readonly qlockVerified: boolean
    readonly riskFactors: readonly string[]
  }
}

const defaultSignatureHeader = 'x-qflow-signature'
/** 100 a second, as many as the queue holds in ten seconds: beyond it a sender is refused and counted. */
const defaultEventsPerMinute = 6_000
const maxBodyLength = 1024 * 1024
const maxQueuedEvents = 1_000
const minuteMs = 60_000

/** Turns signed HTTP bodies into executions. The queue is emptied by a timer, apart from the request. */
export class WebhookService {
  readonly engine: ExecutionEngine
  readonly configs = new Map<string, WebhookConfig>()
  readonly processingQueue: WebhookEvent[] = []
  readonly windows = new Map<string, { startMs: number; count: number }>()
  readonly counts = { accepted: 0, refused: 0, startedFlows: 0, refusedStarts: 0 }
  /** How often the queue is emptied, ms. */
  pollMs = 50
  timer: unknown

  constructor(engine: ExecutionEngine) {
    this.engine = engine
  }

  /** Replaces the door at the same endpoint. */
  async registerWebhook(config: WebhookConfig): Promise<void> {
    this.configs.set(config.endpoint, config)
    this.emit('webhook.registered', { webhookId: config.id, endpoint: config.endpoint })
  }

  /** Never rejects. */
  async processWebhookEvent(
    endpoint: string,
    headers: Readonly<Record<string, string>>,
    body: string,
    sourceIp?: string,
  ): Promise<WebhookOutcome> {
    const config = this.configs.get(endpoint)
    if (config === undefined || config.enabled === false)
      return this.refuse('No webhook at this endpoint')
    if (this.isOverRate(config)) return this.refuse('Too many events in this minute')
    if (body.length > maxBodyLength)
      return this.refuse(`Body is longer than ${maxBodyLength} characters`)
    const { allowedSources } = config
    if (allowedSources !== undefined && !allowedSources.includes(sourceIp ?? '')) {
      return this.refuse('The source is not allowed')
    }
    const signature = headerOf(headers, config.signatureHeader ?? defaultSignatureHeader)
    if (!isSigned(config, body, signature)) return this.refuse('The signature does not match')
    const data = parseBody(body)
    if (data.kind === 'fault') return this.refuse(data.message)
    if (this.processingQueue.length >= maxQueuedEvents) return this.refuse('The queue is full')
    const event = this.eventOf(config, { headers, body, data: data.value, signature })
    this.processingQueue.push(event)
    this.counts.accepted++
    this.start()
    this.emit('webhook.processed', {
      webhookEventId: event.id,
      source: event.source,
      type: event.type,
    })
    return {
      valid: true,
      errors: [],
      warnings: [],
      processedEvent: event,
      securityAssessment: { qlockVerified: true, riskFactors: [] },
    }
  }

  /** Starts the flow of the event's own webhook; called by the timer. Never rejects. */
  async processQueuedEvent(event: WebhookEvent): Promise<void> {
    const config = this.configs.get(event.endpoint)
    if (config === undefined) {
      this.counts.refusedStarts++
      return
    }
    try {
      const executionId = await this.engine.startExecution(config.flowId, {
        triggeredBy: `webhook:${event.source}`,
        triggerType: 'webhook',
        inputData: event.data,
        variables: { webhookEventId: event.id },
        permissions: config.permissions ?? [],
        ...(config.daoSubnet !== undefined && { daoSubnet: config.daoSubnet }),
      })
      this.counts.startedFlows++
      const { id: webhookEventId, source, type } = event
      const { flowId } = config
      this.emit('webhook.execution.started', {
        webhookEventId,
        executionId,
        flowId,
        source,
        type,
      })
    } catch (error) {
      this.counts.refusedStarts++
      const reason = error instanceof Error ? error.message : String(error)
      this.emit('webhook.execution.refused', { webhookEventId: event.id, reason })
    }
  }

  /** Begins to empty the queue; a first accepted event does it too. */
  start(): void {
    this.timer ??= this.engine.runtime.timers.setInterval(
      () => this.drainQueue(),
      this.pollMs,
      true,
    )
  }

  stop(): void {
    if (this.timer === undefined) return
    this.engine.runtime.timers.clearInterval(this.timer)
    this.timer = undefined
  }

  private drainQueue(): void {
    for (const event of this.processingQueue.splice(0)) void this.processQueuedEvent(event)
  }

  private isOverRate(config: WebhookConfig): boolean {
    const nowMs = this.engine.runtime.clock.monotonicMs()
    const known = this.windows.get(config.endpoint)
    const window =
      known !== undefined && nowMs - known.startMs < minuteMs ? known : { startMs: nowMs, count: 0 }
    window.count++
    this.windows.set(config.endpoint, window)
    return window.count > (config.maxEventsPerMinute ?? defaultEventsPerMinute)
  }

  private eventOf(
    config: WebhookConfig,
    request: {
      readonly headers: Readonly<Record<string, string>>
      readonly body: string
      readonly data: Readonly<Record<string, unknown>>
      readonly signature: string | undefined
    },
  ): WebhookEvent {
    const { headers, body, data, signature } = request
    const type = data['type']
    return {
      id: this.engine.runtime.createId('webhook'),
      endpoint: config.endpoint,
      source: config.source,
      type: typeof type === 'string' ? type : 'unknown',
      timestamp: isoTime(this.engine.runtime.clock),
      data,
      ...(signature !== undefined && { signature }),
      headers,
      rawBody: body,
    }
  }

  private refuse(reason: string): WebhookOutcome {
    this.counts.refused++
    return { valid: false, errors: [reason], warnings: [] }
  }

  private emit(name: string, data: Readonly<Record<string, unknown>>): void {
    const { runtime, services } = this.engine
    const event = { name, source: 'qflow-webhook-service', actor: 'system', data }
    emitEnvelope({ runtime, events: services.events }, event)
  }
}

/** The value of the signature header for a body. */
export function signWebhookBody(secret: string, body: string): string {
  return `sha256=${hmacSha256(Buffer.from(secret), body)}`
}

function isSigned(config: WebhookConfig, body: string, signature: string | undefined): boolean {
  const hex = /^sha256=([0-9a-f]{64})$/.exec(signature ?? '')?.[1]
  return hex !== undefined && equalHex(hex, hmacSha256(Buffer.from(config.secret), body))
}

/** Header names are compared without case. */
function headerOf(headers: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.entries(headers).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1]
}

type ParsedBody =
  | { readonly kind: 'data'; readonly value: Readonly<Record<string, unknown>> }
  | { readonly kind: 'fault'; readonly message: string }

function parseBody(body: string): ParsedBody {
  try {
    const { value } = readJson(body)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return { kind: 'data', value: { ...value } }
    }
    return { kind: 'fault', message: 'Body: expected a JSON object' }
  } catch (error) {
    return {
      kind: 'fault',
      message: `Body: ${error instanceof Error ? error.message : String(error)}`,
    }
  }
}

/** The service of the process. */
export const webhookService: WebhookService = new WebhookService(executionEngine)
