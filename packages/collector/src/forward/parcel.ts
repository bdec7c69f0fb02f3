import type { SignalName } from '../receive/signal.ts'

/** One request as it was received: the same bytes go on, still compressed if they came so. */
export interface Parcel {
  readonly signal: SignalName
  readonly path: string
  readonly contentType: string
  readonly contentEncoding: string | undefined
  readonly body: Buffer
  readonly itemCount: number
}

/** What the backend said to one attempt. */
export type SendOutcome =
  | { readonly kind: 'delivered'; readonly refusedCount: number }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'retry'; readonly reason: string; readonly retryAfterMs: number | undefined }

/** One attempt. Never rejects: what went wrong is an outcome. */
export type Send = (parcel: Parcel, signal: AbortSignal) => Promise<SendOutcome>

/** What an entry of the queue weighs besides its bytes, so that tiny requests cannot fill the memory. */
export const PARCEL_OVERHEAD_BYTES = 512

export function weightBytes(parcel: Parcel): number {
  return parcel.body.length + PARCEL_OVERHEAD_BYTES
}
