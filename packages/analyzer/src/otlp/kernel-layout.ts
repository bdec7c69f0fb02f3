/**
 * A template as a kernel's memory has it. Moves follow the vectors, as pairs of distances in bytes: from a span's first byte, and
 * from its first word.
 *
 *     moves at, moves end | 16 bytes, 16 of bits that count | ... | from, to | from, to | ...
 *     head                | vectors                               | moves
 */
export const VECTOR_BYTES: number = 16
export const TEMPLATE_HEAD_BYTES: number = 16
export const MOVE_BYTES: number = 8

/**
 * Whether a span is one of a template, 1 or 0; all three are addresses in the kernel's memory. What the template moves is then
 * moved to `out`, where a field that no move fills has nothing but zeros. It is none of it, too, where its ids or its start have.
 */
export type ReadSpan = (span: number, template: number, out: number) => number
