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

/** Runs only when something is wrong: puts the path of what surrounds it in front of an error's own path. */
export function errorUnder(error: unknown, prefix: string): unknown {
  if (!(error instanceof OtlpDecodeError)) return error
  const isPart = error.at === '' || error.at.startsWith('[')
  return new OtlpDecodeError(error.reason, isPart ? prefix + error.at : `${prefix}.${error.at}`)
}
