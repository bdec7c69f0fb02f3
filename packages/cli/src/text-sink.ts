import type { WriteStream } from 'node:tty'

/** Where text goes. After the reader has gone (`| head`), writing does nothing. */
export interface TextSink {
  readonly isTty: boolean
  readonly columns: number | undefined
  write(text: string): void
  /** Resolves when the reader has gone. */
  readonly gone: Promise<void>
  /** Resolves when everything written has been taken, or the reader has gone. */
  flush(): Promise<void>
}

/** A sink over a stream of the process. A reader that goes away is no error; anything else is thrown. */
export function streamSink(stream: NodeJS.WriteStream): TextSink {
  let isGone = false
  const gone = new Promise<void>((resolve) => {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') throw error
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
    write: (text) => {
      if (!isGone) stream.write(text)
    },
    gone,
    flush: written,
  }
}
