/**
 * Text from spans as it may be shown: what would steer the display (control characters, bidirectional
 * overrides, lone surrogates) becomes visible as `⟨U+202E⟩`, and the end is cut; of a text that is no name any more it
 * says how long it was.
 */
export function visibleText(text: string, maxLength: number): string {
  const shown = text.length > maxLength ? text.slice(0, cutAt(text, maxLength)) : text
  const visible = shown.replace(steering, (character) => `⟨${codePointName(character)}⟩`)
  if (shown.length === text.length) return visible
  if (text.length <= LONG_NAME_LENGTH) return `${visible}…`
  return `${visible}… (${text.length.toLocaleString('en-GB')} characters)`
}

/** Ids and names of real systems stay below this. */
const LONG_NAME_LENGTH = 128

/** Controls, zero-width and bidirectional formatting characters, lone surrogates. */
const steering = /[\p{Cc}\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|\p{Surrogate}/gu

/** Never between the halves of a surrogate pair. */
function cutAt(text: string, maxLength: number): number {
  return /[\ud800-\udbff]/.test(text[maxLength - 1] ?? '') ? maxLength - 1 : maxLength
}

function codePointName(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
}
