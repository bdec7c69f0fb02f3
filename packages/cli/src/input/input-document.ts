/** A piece of input that can be decoded by itself. */
export type InputDocument =
  | {
      readonly kind: 'json'
      readonly text: string
      readonly lineNumber: number
      readonly byteOffset: number
    }
  | { readonly kind: 'protobuf'; readonly bytes: Buffer; readonly byteOffset: number }
