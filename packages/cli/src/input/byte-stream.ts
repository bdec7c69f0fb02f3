/** The bytes held in memory as one: a line, a JSON document or a protobuf message. Larger ones are refused. */
export const MAX_DOCUMENT_BYTES = 128 * 1024 * 1024

/** The first bytes of a source, at least `minBytes` unless it is shorter, without what comes after being lost. */
export async function headOf(source: AsyncIterator<Buffer>, minBytes: number): Promise<Buffer> {
  let head: Buffer = Buffer.alloc(0)
  while (head.length < minBytes) {
    const { value, done } = await source.next()
    if (done) break
    head = head.length === 0 ? value : Buffer.concat([head, value])
  }
  return head
}

/** The whole again: the head that was looked at, then the rest. */
export async function* withHead(head: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield head
  for (;;) {
    const { value, done } = await rest.next()
    if (done) return
    yield value
  }
}

/** `128 MiB`, for a message. */
export function mib(byteCount: number): string {
  return `${byteCount / 1024 / 1024} MiB`
}
