import type { AttributeValue, SpanKind, SpanRecord } from './otlp/span-record.ts'

// ExportTraceServiceRequest: 1 ResourceSpans. ResourceSpans: 1 Resource, 2 ScopeSpans. ScopeSpans: 2 Span. Resource: 1 KeyValue.
// Span: 1 trace_id, 2 span_id, 4 parent_span_id, 5 name, 6 kind, 7 start fixed64, 8 end fixed64, 9 KeyValue.
// KeyValue: 1 key, 2 AnyValue. AnyValue: 1 string, 2 bool, 3 int, 4 double.
const BYTES = 2
const FIXED64 = 1
const VARINT = 0

const KINDS: readonly SpanKind[] = ['unspecified', 'internal', 'server', 'client']

/**
 * The OTLP protobuf of spans, as an exporter would send it: for benches, which need millions of spans sooner than an
 * encoder of any schema makes them. Texts are ASCII; values are texts, booleans and numbers.
 */
export function simulatedBody(spans: readonly SpanRecord[]): Uint8Array {
  const scope = new Writer()
  for (const span of spans) scope.message(2, (writer) => writeSpan(writer, span))
  const block = new Writer()
  block.message(1, (writer) => writer.attribute(1, 'service.name', 'shop'))
  block.bytes(2, scope.taken())
  const request = new Writer()
  request.bytes(1, block.taken())
  return request.taken()
}

function writeSpan(writer: Writer, span: SpanRecord): void {
  writer.hex(1, span.traceId)
  writer.hex(2, span.spanId)
  if (span.parentSpanId !== undefined) writer.hex(4, span.parentSpanId)
  writer.text(5, span.name)
  writer.varint(6, KINDS.indexOf(span.kind))
  writer.fixed64(7, span.startUnixNs)
  writer.fixed64(8, span.endUnixNs)
  for (const [key, value] of span.attributes) writer.attribute(9, key, value)
}

class Writer {
  #buffer = Buffer.alloc(1024)
  #length = 0
  #inner: Writer | undefined

  taken(): Uint8Array {
    return Uint8Array.from(this.#buffer.subarray(0, this.#length))
  }

  message(field: number, write: (writer: Writer) => void): void {
    this.#inner ??= new Writer()
    const inner = this.#inner
    inner.#length = 0
    write(inner)
    this.bytes(field, inner.#buffer.subarray(0, inner.#length))
  }

  attribute(field: number, key: string, value: AttributeValue): void {
    this.message(field, (pair) => {
      pair.text(1, key)
      pair.message(2, (any) => {
        if (typeof value === 'string') any.text(1, value)
        else if (typeof value === 'boolean') any.varint(2, Number(value))
        else if (Number.isInteger(value)) any.varint(3, Number(value))
        else any.double(4, Number(value))
      })
    })
  }

  bytes(field: number, bytes: Uint8Array): void {
    this.#head(field, bytes.length)
    this.#buffer.set(bytes, this.#length)
    this.#length += bytes.length
  }

  text(field: number, text: string): void {
    this.#head(field, text.length)
    this.#length += this.#buffer.write(text, this.#length, 'latin1')
  }

  hex(field: number, hex: string): void {
    this.#head(field, hex.length / 2)
    this.#length += this.#buffer.write(hex, this.#length, 'hex')
  }

  varint(field: number, value: number): void {
    this.#reserve(20)
    this.#raw((field << 3) | VARINT)
    this.#raw(value)
  }

  fixed64(field: number, value: bigint): void {
    this.#reserve(20)
    this.#raw((field << 3) | FIXED64)
    this.#length = this.#buffer.writeBigUInt64LE(value, this.#length)
  }

  double(field: number, value: number): void {
    this.#reserve(20)
    this.#raw((field << 3) | FIXED64)
    this.#length = this.#buffer.writeDoubleLE(value, this.#length)
  }

  #head(field: number, length: number): void {
    this.#reserve(length + 20)
    this.#raw((field << 3) | BYTES)
    this.#raw(length)
  }

  #raw(value: number): void {
    let rest = value
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80))
      this.#buffer[this.#length++] = (rest % 0x80) | 0x80
    this.#buffer[this.#length++] = rest
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#buffer.length) return
    const larger = Buffer.alloc(2 * (this.#length + count))
    this.#buffer.copy(larger)
    this.#buffer = larger
  }
}
