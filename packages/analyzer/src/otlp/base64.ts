const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** Standard base64 with padding. */
export function base64(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 3) {
    const left = bytes.length - at
    const bits = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0)
    text += ALPHABET[bits >> 18] ?? ''
    text += ALPHABET[(bits >> 12) & 63] ?? ''
    text += left > 1 ? (ALPHABET[(bits >> 6) & 63] ?? '') : '='
    text += left > 2 ? (ALPHABET[bits & 63] ?? '') : '='
  }
  return text
}

/** Standard or URL-safe, padded or not, as proto3 JSON allows -> standard with padding. */
export function normalBase64(text: string): string | undefined {
  const bare = text.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '')
  if (!/^[A-Za-z0-9+/]*$/.test(bare) || bare.length % 4 === 1) return undefined
  return bare.padEnd(Math.ceil(bare.length / 4) * 4, '=')
}
