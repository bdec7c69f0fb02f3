import { root } from '../src/otlp/otlp-proto.ts'

/** Decoding alone, as a reader that wants all fields would do it. */
export type Decode = (body: Uint8Array) => unknown

/**
 * The opponent of the benches in its two forms. A Buffer it reads with another reader than a plain Uint8Array: the benches show
 * both, and the bounds take what Node hands over, a Buffer.
 */
export async function protobufjsDecoders(): Promise<Readonly<Record<Form, Decode>>> {
  const reflected = root.lookupType('ExportTraceServiceRequest')
  // Made by `build.ts`, beside the bundle that this file is a part of.
  const code: StaticCode = await import(new URL('otlp-static.mjs', import.meta.url).href)
  return {
    reflection: (body) => reflected.decode(body),
    static: (body) => code.ExportTraceServiceRequest.decode(body),
  }
}

type Form = 'reflection' | 'static'

interface StaticCode {
  readonly ExportTraceServiceRequest: { decode(bytes: Uint8Array): unknown }
}
