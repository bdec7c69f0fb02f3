import { MOVE_BYTES, type ReadSpan, TEMPLATE_HEAD_BYTES, VECTOR_BYTES } from './kernel-layout.ts'
import { END_WORD, PARENT_ID_WORD, SPAN_ID_WORD, START_WORD, TRACE_ID_WORD } from './span-batch.ts'

/** What is used of WebAssembly here. */
interface Compiler {
  readonly Memory: new (size: {
    readonly initial: number
    readonly maximum: number
  }) => { readonly buffer: ArrayBuffer }
  readonly Module: new (code: Uint8Array) => object
  readonly Instance: new (
    module: object,
    imports: object,
  ) => { readonly exports: { readonly read: ReadSpan } }
}

/** A memory of so many pages, and the code that reads spans in it; absent where it cannot be run. */
export function compiledRead(
  pageCount: number,
): { readonly buffer: ArrayBuffer; readonly read: ReadSpan } | undefined {
  // A global of nearly every engine; whatever is missing of it is caught below.
  const known: unknown = Reflect.get(globalThis, 'WebAssembly')
  const compiler = known as Compiler | undefined
  if (compiler === undefined) return undefined
  try {
    const memory = new compiler.Memory({ initial: pageCount, maximum: pageCount })
    const instance = new compiler.Instance(new compiler.Module(CODE), { kernel: { memory } })
    return { buffer: memory.buffer, read: instance.exports.read }
  } catch {
    // A processor without vectors, a page that may not compile, no address space: nothing is lost but speed.
    return undefined
  }
}

type Code = readonly number[]

// Types, and instructions of stack form: operands come before what takes them.
const I32 = 0x7f
const V128 = 0x7b
const FUNCTION = 0x60
const NO_RESULT = 0x40

const get = (local: number): Code => [0x20, local]
const set = (local: number): Code => [0x21, local]
const number = (value: number): Code => [0x41, value]
/** Of an address on the stack, or of what lies `offset` bytes behind it, wherever that begins. */
const loadI32 = (offset: number): Code => [0x28, 0, offset]
const loadI64 = (offset: number): Code => [0x29, 0, offset]
const loadV128 = (offset: number): Code => [0xfd, 0, 0, offset]
const storeI64 = (offset: number): Code => [0x37, 0, offset]
const NO_I64: Code = [0x42, 0]
const ADD_I32: Code = [0x6a]
const OR_I32: Code = [0x72]
const IS_BELOW_I32: Code = [0x49]
const IS_ZERO_I32: Code = [0x45]
const OR_I64: Code = [0x84]
const IS_ZERO_I64: Code = [0x50]
const AND_V128: Code = [0xfd, 0x4e]
const OR_V128: Code = [0xfd, 0x50]
const XOR_V128: Code = [0xfd, 0x51]
const HAS_BITS_V128: Code = [0xfd, 0x53]
const LOOP: Code = [0x03, NO_RESULT]
const AGAIN_IF: Code = [0x0d, 0]
const IF: Code = [0x04, NO_RESULT]
const RETURN: Code = [0x0f]
const END: Code = [0x0b]

// The parameters, then locals.
const SPAN = 0
const TEMPLATE = 1
const OUT = 2
/** In the template, and in the span. */
const AT = 3
const OWN = 4
/** Bits that count and are other ones. */
const OTHERS = 5

const sequence = (...parts: readonly Code[]): Code => parts.flat()
const advance = (local: number, byteCount: number): Code =>
  sequence(get(local), number(byteCount), ADD_I32, set(local))
/** Whether `AT` is before the end that the template's head says. */
const isBefore = (headOffset: number): Code =>
  sequence(get(AT), get(TEMPLATE), loadI32(headOffset), IS_BELOW_I32)
const outWords = (word: number): Code => sequence(get(OUT), loadI64(4 * word))
const clearWords = (word: number): Code => sequence(get(OUT), NO_I64, storeI64(4 * word))

// biome-ignore format: one step, one line
const COMPARE = sequence(
  get(SPAN), set(OWN),
  get(TEMPLATE), number(TEMPLATE_HEAD_BYTES), ADD_I32, set(AT),
  LOOP,
    get(OWN), loadV128(0), get(AT), loadV128(0), XOR_V128,
    get(AT), loadV128(VECTOR_BYTES), AND_V128,
    get(OTHERS), OR_V128, set(OTHERS),
    advance(OWN, VECTOR_BYTES),
    advance(AT, 2 * VECTOR_BYTES),
    isBefore(0), AGAIN_IF,
  END,
  get(OTHERS), HAS_BITS_V128, IF, number(0), RETURN, END,
)

// biome-ignore format: one step, one line
const MOVE = sequence(
  clearWords(PARENT_ID_WORD),
  clearWords(END_WORD),
  LOOP,
    get(OUT), get(AT), loadI32(4), ADD_I32,
    get(SPAN), get(AT), loadI32(0), ADD_I32, loadI64(0),
    storeI64(0),
    advance(AT, MOVE_BYTES),
    isBefore(4), AGAIN_IF,
  END,
)

// biome-ignore format: one step, one line
const HAS_ALL = sequence(
  outWords(TRACE_ID_WORD), outWords(TRACE_ID_WORD + 2), OR_I64, IS_ZERO_I64,
  outWords(SPAN_ID_WORD), IS_ZERO_I64, OR_I32,
  outWords(START_WORD), IS_ZERO_I64, OR_I32,
  IS_ZERO_I32,
)

/** A module's parts say how long they are; of the smaller ones one byte does. */
function sized(bytes: Code): Code {
  const { length } = bytes
  return length < 0x80 ? [length, ...bytes] : [(length & 0x7f) | 0x80, length >> 7, ...bytes]
}

const list = (...members: readonly Code[]): Code => [members.length, ...members.flat()]
const section = (id: number, content: Code): Code => [id, ...sized(content)]
const text = (value: string): Code => sized(Array.from(value, (one) => one.charCodeAt(0)))

const LOCALS = list([2, I32], [1, V128])

// biome-ignore format: one part, one line
const CODE: Uint8Array = Uint8Array.from(sequence(
  [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  section(1, list([FUNCTION, ...list([I32], [I32], [I32]), ...list([I32])])),
  // It is given one memory, of a page at least.
  section(2, list([...text('kernel'), ...text('memory'), 2, 0, 1])),
  section(3, list([0])),
  section(7, list([...text('read'), 0, 0])),
  section(10, list(sized(sequence(LOCALS, COMPARE, MOVE, HAS_ALL, END)))),
))
