/**
 * Longer texts are not worth the comparison. Shorter ones than the least are shared by engines that parse JSON: V8 makes one
 * string of equal texts of up to 10 characters.
 */
const MIN_LENGTH = 11
const MAX_LENGTH = 64

/** Places for texts; a new text takes the place of an older one, so that no stream of bodies makes them grow. */
const SLOT_BITS = 10
const SLOT_COUNT = 2 ** SLOT_BITS

/** An odd number near 2^32 / golden ratio: multiplying by it spreads neighbouring numbers over the upper bits. */
const SPREAD = 0x9e3779b1

/** Texts that were parsed before, so that many spans hold equal ones once. */
export class SharedTexts {
  readonly #texts: string[] = new Array(SLOT_COUNT).fill('')

  /** An equal text that was kept, else this one, which is kept from now on. */
  share(text: string): string {
    return this.find(text) ?? this.keep(text)
  }

  /** An equal text that was kept. */
  find(text: string): string | undefined {
    if (!isFit(text)) return undefined
    const known = this.#texts[slotOf(text)]
    return known === text ? known : undefined
  }

  keep(text: string): string {
    if (isFit(text)) this.#texts[slotOf(text)] = text
    return text
  }
}

function isFit({ length }: string): boolean {
  return length >= MIN_LENGTH && length <= MAX_LENGTH
}

/** What differs between texts of one kind, such as numbered ids, mostly stands at their ends. */
function slotOf(text: string): number {
  const { length } = text
  const ends = (text.charCodeAt(0) << 6) ^ (text.charCodeAt(length - 1) << 22)
  const mixed = length ^ ends ^ (text.charCodeAt(length >> 1) << 14)
  return Math.imul(mixed, SPREAD) >>> (32 - SLOT_BITS)
}
