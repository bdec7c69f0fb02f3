import type { WriteStream } from 'node:tty'

/** Where text goes. After the reader has gone (`| head`), writing does nothing. */
export interface TextSink {
  readonly isTty: boolean
  readonly columns: number | undefined
  write(text: string): void
  /** Why what was written is not all there, a full disk for example. A reader that has gone is no such reason. */
  readonly failure: string | undefined
  /** Resolves when the reader has gone, or writing has failed. */
  readonly gone: Promise<void>
  /** Resolves when everything written has been taken, or the reader has gone. */
  flush(): Promise<void>
}

/** A sink over a stream of the process. After an error nothing more is written. */
export function streamSink(stream: NodeJS.WriteStream): TextSink {
  let isGone = false
  let failure: string | undefined
  const gone = new Promise<void>((resolve) => {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      const isReaderGone = error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED'
      if (!isReaderGone) failure ??= error.message
      isGone = true
      resolve()
    })
  })
  const written = () =>
    new Promise<void>((resolve) => {
      if (isGone) resolve()
      else stream.write('', () => resolve())
    })
  return {
    isTty: stream.isTTY === true,
    get columns() {
      return (stream as Partial<WriteStream>).columns
    },
    get failure() {
      return failure
    },
    write: (text) => {
      if (!isGone) stream.write(text)
    },
    gone,
    flush: written,
  }
}
