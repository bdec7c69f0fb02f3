import { Readable } from 'node:stream'
import { headOf } from '../input/byte-stream.ts'
import { InputError } from '../input/input-error.ts'
import { openBytes, STDIN_NAME } from '../input/open-bytes.ts'

/** Marks of OTLP and Jaeger stand far in front. */
const SNIFF_BYTES = 4_096

/**
 * Whether a file holds traces, by its first bytes; what cannot be read is left to its reader to say. The standard input
 * cannot be looked at twice and is taken for series.
 */
export async function isTraceFile(name: string): Promise<boolean> {
  if (name === STDIN_NAME) return false
  const bytes = openBytes(name, { stdin: Readable.from([]), onRead: () => {} })
  try {
    const head = await headOf(bytes, SNIFF_BYTES)
    const text = head.toString('utf8', 0, SNIFF_BYTES)
    const isProtobuf = head[0] === 0x0a || head[0] === 0x00
    return isProtobuf
      ? text.includes('\ufffd') || text.includes('\0')
      : /^\ufeff?\s*\{\s*("resource(Spans|Logs|Metrics)"|"data"\s*:\s*\[\s*\{\s*"traceID")/.test(
          text,
        )
  } catch (error) {
    if (error instanceof InputError) return false
    throw error
  } finally {
    await bytes.return(undefined)
  }
}
