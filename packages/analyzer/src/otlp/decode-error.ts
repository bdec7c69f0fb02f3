/** A body that cannot be read at all: where, what was expected and what was found. */
export class OtlpDecodeError extends Error {
  override readonly name: string = 'OtlpDecodeError'
  /** `byte 4711`, a path such as `resourceSpans[0].scopeSpans`, or `line 3`. */
  readonly at: string
  /** The message without the place. */
  readonly reason: string

  constructor(reason: string, at: string) {
    super(at === '' ? reason : `${reason} at ${at}`)
    this.at = at
    this.reason = reason
  }
}
