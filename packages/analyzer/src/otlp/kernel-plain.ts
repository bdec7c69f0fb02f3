import { MOVE_BYTES, type ReadSpan, TEMPLATE_HEAD_BYTES, VECTOR_BYTES } from './kernel-layout.ts'
import { END_WORD, PARENT_ID_WORD, SPAN_ID_WORD, START_WORD, TRACE_ID_WORD } from './span-batch.ts'

/** What the compiled code of a kernel does, byte by byte: where there is none, and to test it. */
export function plainRead(byteCount: number): { buffer: ArrayBuffer; read: ReadSpan } {
  const buffer = new ArrayBuffer(byteCount)
  const bytes = new Uint8Array(buffer)
  const view = new DataView(buffer)
  const wordsAt = (at: number) => view.getBigInt64(at, true)

  function isSame(span: number, template: number): boolean {
    const end = view.getInt32(template, true)
    let own = span
    for (let at = template + TEMPLATE_HEAD_BYTES; at < end; at += 2 * VECTOR_BYTES)
      for (let byte = 0; byte < VECTOR_BYTES; byte++) {
        const others = (bytes[own++] ?? 0) ^ (bytes[at + byte] ?? 0)
        if ((others & (bytes[at + VECTOR_BYTES + byte] ?? 0)) !== 0) return false
      }
    return true
  }

  function move(span: number, template: number, out: number): void {
    const end = view.getInt32(template + 4, true)
    for (let at = view.getInt32(template, true); at < end; at += MOVE_BYTES) {
      const value = wordsAt(span + view.getInt32(at, true))
      view.setBigInt64(out + view.getInt32(at + 4, true), value, true)
    }
  }

  const read: ReadSpan = (span, template, out) => {
    if (!isSame(span, template)) return 0
    for (const word of [PARENT_ID_WORD, END_WORD]) view.setBigInt64(out + 4 * word, 0n, true)
    move(span, template, out)
    const traceId = wordsAt(out + 4 * TRACE_ID_WORD) | wordsAt(out + 4 * (TRACE_ID_WORD + 2))
    const isMissing =
      traceId === 0n ||
      wordsAt(out + 4 * SPAN_ID_WORD) === 0n ||
      wordsAt(out + 4 * START_WORD) === 0n
    return isMissing ? 0 : 1
  }
  return { buffer, read }
}
