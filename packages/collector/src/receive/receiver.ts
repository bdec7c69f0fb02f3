import type { IncomingMessage } from 'node:http'
import { OtlpDecodeError } from '@qflow-otel/analyzer'
import type { Accounting, RequestOutcome } from '../accounting.ts'
import type { Parcel } from '../forward/parcel.ts'
import { type OtlpAnswer, type Problem, problemAnswer, successAnswer } from './answer.ts'
import {
  AbortedBodyError,
  BodyError,
  type ContentEncoding,
  contentEncodingOf,
  inflate,
  RETRY_AFTER_SECONDS,
  ReadBudget,
  readBody,
} from './body.ts'
import type { DecodeBody, DecodedBody } from './decode-body.ts'
import { type Encoding, encodingOf, mediaTypes, type Signal } from './signal.ts'

export interface ReceiverOptions {
  readonly maxBodyBytes: number
  readonly maxJsonBodyBytes: number
  readonly accounting: Accounting
  /** Throws `OtlpDecodeError` for a body that cannot be read at all, `BodyError` for one that takes too long. */
  readonly decode: DecodeBody
  /** Takes what was read; called once for each accepted request. */
  readonly analyze: (body: DecodedBody) => void
  /** Where parcels go; absent without a backend. */
  readonly forward: ParcelQueueDoor | undefined
  /** A fault of ours that hostile input brought out: the request is answered with 500. */
  readonly onFault: (error: unknown) => void
}

/** The door of the queue in front of the backend. */
interface ParcelQueueDoor {
  fits(parcel: Parcel): boolean
  offer(parcel: Parcel): boolean
}

/** Bodies of the largest size that may be under way at once; beyond, senders get 503. */
const MAX_CONCURRENT_BODIES = 4

/** Turns OTLP/HTTP requests into answers: reads, decodes, queues, analyses and counts them. */
export class Receiver {
  readonly #options: ReceiverOptions
  readonly #budget: ReadBudget
  #isClosing = false

  constructor(options: ReceiverOptions) {
    this.#options = options
    this.#budget = new ReadBudget(MAX_CONCURRENT_BODIES * options.maxBodyBytes)
  }

  /** From now on every request is told to come back later. */
  close(): void {
    this.#isClosing = true
  }

  /** Answers a POST to the path of `signal`; nothing when the sender went away. Never rejects. */
  async answer(signal: Signal, request: IncomingMessage): Promise<OtlpAnswer | undefined> {
    const encoding = encodingOf(request.headers['content-type'])
    try {
      const answer = await this.#handle(signal, encoding, request)
      this.#options.accounting.request(signal.name, 'accepted')
      return answer
    } catch (error) {
      const { outcome, problem } = this.#problemOf(error)
      this.#options.accounting.request(signal.name, outcome)
      return problem && problemAnswer(problem, encoding)
    }
  }

  async #handle(
    signal: Signal,
    encoding: Encoding | undefined,
    request: IncomingMessage,
  ): Promise<OtlpAnswer> {
    const { headers } = request
    if (encoding === undefined)
      throw new BodyError({
        status: 415,
        message: `expected content type ${mediaTypes.protobuf} or ${mediaTypes.json}, found ${show(headers['content-type'])}`,
      })
    const contentEncoding = contentEncodingOf(headers['content-encoding'])
    if (contentEncoding === undefined)
      throw new BodyError({
        status: 415,
        message: `expected content encoding gzip or none, found ${show(headers['content-encoding'])}`,
        headers: { 'accept-encoding': 'gzip' },
      })
    const maxBytes = this.#maxBytes(encoding)
    if (Number(headers['content-length'] ?? 0) > 2 * maxBytes)
      throw new BodyError({
        status: 413,
        message: `expected a body of at most ${maxBytes} bytes, found ${headers['content-length']}`,
      })
    const received = await readBody(request, { maxBytes, budget: this.#budget })
    return this.#accept({ signal, encoding, contentEncoding, headers, maxBytes, received })
  }

  #maxBytes(encoding: Encoding): number {
    const { maxBodyBytes, maxJsonBodyBytes } = this.#options
    return encoding === 'json' ? Math.min(maxBodyBytes, maxJsonBodyBytes) : maxBodyBytes
  }

  #accept(request: ReceivedRequest): OtlpAnswer {
    const { signal, encoding, contentEncoding, maxBytes, received } = request
    const { accounting, analyze, decode } = this.#options
    const body = inflate(received, contentEncoding, maxBytes)
    const decoded = decode(body, { signal: signal.name, encoding, maxBytes })
    this.#enqueue(parcelOf(request, decoded.itemCount))
    accounting.accept(signal.name, {
      count: decoded.itemCount,
      invalidCount: decoded.rejectedCount,
    })
    accounting.clip(signal.name, decoded.clipped)
    analyze(decoded)
    return successAnswer(signal, encoding, partialSuccessOf(decoded))
  }

  #enqueue(parcel: Parcel): void {
    const { accounting, forward } = this.#options
    if (this.#isClosing) {
      accounting.refuse(parcel.signal, parcel.itemCount, 'closing')
      throw new BodyError(comeBack('the collector is closing'))
    }
    // An empty request is a success and holds nothing to forward.
    if (forward === undefined || parcel.body.length === 0) return
    if (!forward.fits(parcel)) {
      accounting.refuse(parcel.signal, parcel.itemCount, 'queue_full')
      throw new BodyError({
        status: 413,
        message: `expected a body that fits the queue for the backend, found ${parcel.body.length} bytes`,
      })
    }
    if (forward.offer(parcel)) return
    accounting.refuse(parcel.signal, parcel.itemCount, 'queue_full')
    throw new BodyError(comeBack('the queue for the backend is full'))
  }

  #problemOf(error: unknown): { outcome: RequestOutcome; problem: Problem | undefined } {
    if (error instanceof AbortedBodyError) return { outcome: 'aborted', problem: undefined }
    if (error instanceof BodyError)
      return { outcome: outcomes[error.problem.status] ?? 'undecodable', problem: error.problem }
    if (error instanceof OtlpDecodeError) {
      const problem = { status: 400, message: error.message, at: error.at }
      return { outcome: 'undecodable', problem }
    }
    // A bug must not end the process of somebody whose input found it; it is counted and said.
    this.#options.onFault(error)
    return {
      outcome: 'internal_error',
      problem: { status: 500, message: 'the collector failed at this request' },
    }
  }
}

interface ReceivedRequest {
  readonly signal: Signal
  readonly encoding: Encoding
  readonly contentEncoding: ContentEncoding
  readonly headers: IncomingMessage['headers']
  readonly maxBytes: number
  readonly received: Buffer
}

const outcomes: Readonly<Record<number, RequestOutcome>> = {
  413: 'too_large',
  415: 'unsupported',
  503: 'unavailable',
}

function parcelOf({ signal, headers, encoding, received }: ReceivedRequest, itemCount: number) {
  return {
    signal: signal.name,
    path: signal.path,
    contentType: headers['content-type'] ?? mediaTypes[encoding],
    contentEncoding: headers['content-encoding'],
    body: received,
    itemCount,
  }
}

function partialSuccessOf({ rejected, rejectedCount }: DecodedBody) {
  const [first] = rejected
  if (first === undefined) return undefined
  const more = rejectedCount > 1 ? ` (and ${rejectedCount - 1} more)` : ''
  return { rejectedCount, message: `${first.at}: ${first.reason}${more}` }
}

function comeBack(message: string): Problem {
  return { status: 503, message, headers: { 'retry-after': String(RETRY_AFTER_SECONDS) } }
}

function show(header: string | undefined): string {
  return header === undefined ? 'none' : JSON.stringify(header.slice(0, 100))
}
